"""Signed links: what was written is read back, and nothing else is."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from monitor.links import ButtonLink, LinkAction, LinkSigner

KEY = b"k" * 32
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1)).map(
    lambda moment: moment.replace(tzinfo=UTC)
)
LINKS = st.builds(
    ButtonLink,
    alert_id=st.integers(1, 10**17),
    recipient=st.from_regex(r"[a-z0-9][a-z0-9-]{0,62}", fullmatch=True),
    action=st.sampled_from(LinkAction),
    opened_at=MOMENTS,
    expires_at=MOMENTS.map(lambda moment: moment.replace(microsecond=0)),
)


@given(LINKS)
def test_link_is_read_as_it_was_written(link: ButtonLink) -> None:
    assert LinkSigner(KEY).read(LinkSigner(KEY).write(link)) == link


@given(LINKS)
def test_link_of_another_key_is_refused(link: ButtonLink) -> None:
    assert LinkSigner(KEY).read(LinkSigner(b"x" * 32).write(link)) is None


@given(LINKS, st.integers(0, 300), st.characters())
def test_link_with_any_character_changed_is_refused(link: ButtonLink, place: int, sign: str) -> None:
    written = LinkSigner(KEY).write(link)
    at = place % len(written)
    changed = written[:at] + sign + written[at + 1 :]
    assert (LinkSigner(KEY).read(changed) is None) == (changed != written)


@given(st.text())
def test_any_other_text_is_refused(text: str) -> None:
    assert LinkSigner(KEY).read(text) is None


@given(LINKS)
def test_link_can_stand_in_an_address_and_ends_in_a_digit(link: ButtonLink) -> None:
    written = LinkSigner(KEY).write(link)
    assert set(written) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")
    assert written[-1].isdigit()


def test_two_links_differ_in_their_signature() -> None:
    moment = datetime(2026, 11, 25, tzinfo=UTC)
    links = [
        ButtonLink(1, "owner", action, moment, moment + timedelta(days=day))
        for action in LinkAction
        for day in (1, 2)
    ]
    signatures = {LinkSigner(KEY).write(link).partition(".")[0] for link in links}
    assert len(signatures) == len(links)

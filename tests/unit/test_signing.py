"""Signatures of letters, beside the library that platforms use."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from monitor.signing import ID, SIGNATURE, TIME, is_fresh, is_signed, sign

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


@given(st.text(max_size=200).filter(lambda body: "\ud800" not in body))
def test_signature_is_the_one_the_library_writes(body: str) -> None:
    assert sign(SECRET, "msg_1", int(NOW.timestamp()), body.encode()) == Webhook(SECRET).sign(
        "msg_1", NOW, body
    )


def test_library_reads_our_letters() -> None:
    at = int(datetime.now(UTC).timestamp())
    headers = {ID: "msg_1", TIME: str(at), SIGNATURE: sign(SECRET, "msg_1", at, b'{"a": 1}')}
    assert Webhook(SECRET).verify('{"a": 1}', headers) == {"a": 1}


@pytest.mark.parametrize(
    ("letter_id", "at", "body", "secret"),
    [("msg_2", 7, b"a", "s"), ("msg_1", 8, b"a", "s"), ("msg_1", 7, b"b", "s"), ("msg_1", 7, b"a", "t")],
)
def test_signature_fits_only_its_own_letter(letter_id: str, at: int, body: bytes, secret: str) -> None:
    signature = sign("s", "msg_1", 7, b"a")
    assert is_signed("s", "msg_1", 7, b"a", f"v1,old {signature}")
    assert not is_signed(secret, letter_id, at, body, signature)


@pytest.mark.parametrize("written", ["", " ", "v1,", "v2,abc", "ä", "v1," * 5000])
def test_nonsense_is_no_signature(written: str) -> None:
    assert not is_signed("s", "msg_1", 7, b"a", written)


def test_letter_is_fresh_within_the_window_on_both_sides() -> None:
    at, window = int(NOW.timestamp()), timedelta(minutes=5)
    assert is_fresh(at - 300, NOW, window)
    assert is_fresh(at + 300, NOW, window)
    assert not is_fresh(at - 301, NOW, window)
    assert not is_fresh(at + 301, NOW, window)


def test_secret_that_is_not_base64_counts_as_written() -> None:
    assert is_signed("whsec_äö", "a", 1, b"", sign("whsec_äö", "a", 1, b""))

"""The buttons of a mail: what its recipient can do with the alert from there, without logging in.

Each leads to a page of the web endpoint (monitor.web) that asks once more; opening it changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from monitor.domain import AlertState
from monitor.links import LASTS, ButtonLink, LinkAction, LinkSigner
from monitor.notifiers.views import Reader
from monitor.store.rows import AlertRow
from monitor.wording import N_

BUTTON_NAMES: Mapping[LinkAction, str] = MappingProxyType(
    {
        LinkAction.TAKE: N_("I take this"),
        LinkAction.ANSWER: N_("It is answered"),
        LinkAction.DISMISS: N_("No answer needed"),
        LinkAction.NOT_ABOUT_US: N_("Not about us"),
        LinkAction.NOT_NEGATIVE: N_("Not negative"),
    }
)


@dataclass(frozen=True, slots=True)
class ButtonPlace:
    """Where buttons lead, and what signs their addresses."""

    base_url: str
    signer: LinkSigner

    def address(self, link: ButtonLink) -> str:
        """The page of one button."""
        return f"{self.base_url}/do/{self.signer.write(link)}"


@dataclass(frozen=True, slots=True)
class ButtonView:
    """One button as a mail shows it."""

    url: str
    words: str


@dataclass(frozen=True, slots=True)
class ButtonsView:
    """All buttons of a mail, the usual ones first, and until when they work."""

    usual: tuple[ButtonView, ...]
    others: tuple[ButtonView, ...]
    until: str


def buttons_view(
    place: ButtonPlace | None, alert: AlertRow, recipient: str, name: str, reader: Reader
) -> ButtonsView | None:
    """The buttons for one recipient (slug and name); None where there is no web endpoint."""
    if place is None or not alert.state.is_open:
        return None
    expires_at = reader.now + LASTS
    has_taken = alert.state is AlertState.TAKEN and alert.taken_by == name

    def view(action: LinkAction) -> ButtonView:
        link = ButtonLink(alert.id, recipient, action, alert.opened_at, expires_at)
        return ButtonView(place.address(link), reader.wording.say(BUTTON_NAMES[action]))

    usual = [LinkAction.ANSWER] if has_taken else [LinkAction.TAKE, LinkAction.ANSWER]
    others = [action for action in LinkAction if action not in (LinkAction.TAKE, LinkAction.ANSWER)]
    until = reader.wording.day(expires_at, reader.zone)
    return ButtonsView(tuple(map(view, usual)), tuple(map(view, others)), until)

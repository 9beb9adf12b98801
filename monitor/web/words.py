"""What the page of a button says: its question, how the alert stands, and how the press went."""

from collections.abc import Mapping
from types import MappingProxyType

from monitor.domain import AlertAction, AlertState, DismissReason
from monitor.links import LinkAction
from monitor.notifiers.buttons import BUTTON_NAMES
from monitor.notifiers.inert import one_line
from monitor.notifiers.views import Reader
from monitor.store.rows import EventRow
from monitor.web.deeds import Outcome, Standing
from monitor.wording import N_

QUESTIONS: Mapping[LinkAction, str] = MappingProxyType(
    {
        LinkAction.TAKE: N_("Do you take this?"),
        LinkAction.ANSWER: N_("Has this been answered?"),
        LinkAction.DISMISS: N_("Does this need no answer?"),
        LinkAction.NOT_ABOUT_US: N_("Is this not about {shop}?"),
        LinkAction.NOT_NEGATIVE: N_("Is this not negative?"),
    }
)

# What the button of the page says.
PRESSES: Mapping[LinkAction, str] = MappingProxyType(
    {
        LinkAction.TAKE: BUTTON_NAMES[LinkAction.TAKE],
        LinkAction.ANSWER: N_("Yes, it is answered"),
        LinkAction.DISMISS: N_("Yes, no answer needed"),
        LinkAction.NOT_ABOUT_US: N_("Yes, it is not about us"),
        LinkAction.NOT_NEGATIVE: N_("Yes, it is not negative"),
    }
)

EXPLAINED: Mapping[LinkAction, str] = MappingProxyType(
    {
        LinkAction.TAKE: N_("The others see that you answer for it, and reminders stop."),
        LinkAction.ANSWER: N_("The alert is closed as answered, and the clock stops."),
        LinkAction.DISMISS: N_("The alert is closed without an answer."),
        LinkAction.NOT_ABOUT_US: N_("The alert is closed, and kept as a correction of what was found."),
        LinkAction.NOT_NEGATIVE: N_("The alert is closed, and kept as a correction of the model."),
    }
)

_DONE: Mapping[LinkAction, str] = MappingProxyType(
    {
        LinkAction.TAKE: N_("You have taken it"),
        LinkAction.ANSWER: N_("Marked as answered"),
        LinkAction.DISMISS: N_("Closed: no answer needed"),
        LinkAction.NOT_ABOUT_US: N_("Closed: not about {shop}"),
        LinkAction.NOT_NEGATIVE: N_("Closed: not negative"),
    }
)

_REASON_NAMES: Mapping[str, str] = MappingProxyType(
    {
        DismissReason.NO_REPLY_NEEDED.value: BUTTON_NAMES[LinkAction.DISMISS],
        DismissReason.HANDLED_ELSEWHERE.value: N_("Handled elsewhere"),
        DismissReason.DUPLICATE.value: N_("Duplicate"),
        DismissReason.NOT_ABOUT_US.value: BUTTON_NAMES[LinkAction.NOT_ABOUT_US],
        DismissReason.NOT_NEGATIVE.value: BUTTON_NAMES[LinkAction.NOT_NEGATIVE],
    }
)

_MAKES: Mapping[AlertState, AlertAction] = MappingProxyType(
    {
        AlertState.TAKEN: AlertAction.TAKEN,
        AlertState.ANSWERED: AlertAction.ANSWERED,
        AlertState.DISMISSED: AlertAction.DISMISSED,
        AlertState.SNOOZED: AlertAction.SNOOZED,
    }
)


def headline(outcome: Outcome, action: LinkAction, shop: str, now: Standing, who: str, reader: Reader) -> str:
    """The first line of the page for one person."""
    say = reader.wording.say
    if outcome is Outcome.BEATEN:
        event = _made_by(now)
        is_own = event is not None and event.who == who
        return say("You have settled this already") if is_own else say("Somebody else was faster")
    if outcome in (Outcome.DONE, Outcome.ALREADY):
        return say(_DONE[action], shop=shop)
    return say(QUESTIONS[action], shop=shop)


def told(outcome: Outcome, reader: Reader) -> str:
    """What must be said about the press; empty when the headline says it all."""
    sentences = {
        Outcome.BEATEN: N_("Nothing was changed."),
        Outcome.ALREADY: N_("It was so already; nothing was changed."),
        Outcome.CHANGED: N_(
            "Something has happened since this page was opened, so nothing was changed yet. "
            "Look at it again, then press once more."
        ),
    }
    return reader.wording.say(sentences[outcome]) if outcome in sentences else ""


def stands(now: Standing, reader: Reader) -> str:
    """How the alert stands, and who brought it there."""
    say, alert = reader.wording.say, now.alert
    event = _made_by(now)
    who = one_line(event.who, 60) if event else ""
    when = reader.when(event.at) if event else ""
    if alert.state is AlertState.TAKEN:
        return say("{who} took it, {when}.", who=who or alert.taken_by, when=when)
    if alert.state is AlertState.SNOOZED and alert.snoozed_until:
        return say("{who} lets it rest until {until}.", who=who, until=reader.when(alert.snoozed_until))
    if alert.state is AlertState.ANSWERED:
        return say("{who} answered it, {when}.", who=who, when=when)
    if alert.state is AlertState.DISMISSED:
        reason = say(_REASON_NAMES.get(alert.dismiss_reason or "", BUTTON_NAMES[LinkAction.DISMISS]))
        return say("{who} closed it, {when}: {reason}.", who=who, when=when, reason=reason.lower())
    return say("Nobody has taken it yet.")


def _made_by(now: Standing) -> EventRow | None:
    """The event that brought the alert into its present state."""
    action = _MAKES.get(now.alert.state)
    return next((event for event in reversed(now.history) if event.action == action), None)

"""Why a post needs a person: one file per rule, in the order of the table below.

A rule looks at Facts and answers with a Reason or None; it is pure. To add one, write its file, add
it to RULES, and its test. Rivals never alert.
"""

from collections.abc import Callable, Sequence

from monitor.domain import Facts, Reason
from monitor.rules.busy_thread import busy_thread
from monitor.rules.critical_by_model import critical_by_model
from monitor.rules.known_author import known_author
from monitor.rules.low_rating import low_rating
from monitor.rules.negative import negative
from monitor.rules.question import question
from monitor.rules.urgent_words import urgent_words
from monitor.rules.wide_reach import wide_reach

Rule = Callable[[Facts], Reason | None]

RULES: tuple[Rule, ...] = (
    urgent_words,
    critical_by_model,
    negative,
    wide_reach,
    busy_thread,
    known_author,
    low_rating,
    question,
)


def judge(facts: Facts, rules: Sequence[Rule] = RULES) -> tuple[Reason, ...]:
    """Return every reason to alert, gravest first; none for a rival."""
    if facts.match.shop.rival:
        return ()
    reasons = [reason for rule in rules if (reason := rule(facts))]
    return tuple(sorted(reasons, key=lambda reason: reason.severity.rank, reverse=True))


def rules_without_questions() -> tuple[Rule, ...]:
    """The rules for a shop that does not want to hear of plain questions."""
    return tuple(rule for rule in RULES if rule is not question)


__all__ = ["RULES", "Rule", "judge", "rules_without_questions"]

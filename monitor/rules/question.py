"""Somebody asks the shop something, or waits for its answer."""

import re

from monitor.domain import Facts, Reason, Urgency
from monitor.rules.aboutness import is_about_shop, own_words
from monitor.wording import N_

# A question mark that ends a sentence of some words; an outcry ("what?!") wants an answer as well.
_QUESTION = re.compile(r"\w[\w\s,.:;()'’\"”“-]{3,}\?(?:\s|$|[!?)\"”])")


def question(facts: Facts) -> Reason | None:
    """An answer is expected, says the model; where it is silent, a question in a post that names the shop."""
    if not is_about_shop(facts):
        return None
    if facts.verdict.needs_reply is True:
        return _reason(N_("The writer waits for an answer from {shop}."), facts)
    names_shop = facts.match.where in ("text", "title")
    if facts.verdict.needs_reply is None and names_shop and asks(own_words(facts)):
        return _reason(N_("Asks a question about {shop}."), facts)
    return None


def asks(text: str) -> bool:
    """Tell whether a text holds a question; addresses (?id=1) are none."""
    return _QUESTION.search(text) is not None


def _reason(sentence: str, facts: Facts) -> Reason:
    return Reason("question", Urgency.NORMAL, sentence, {"shop": facts.match.shop.name})

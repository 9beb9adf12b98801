"""Why the model said so: the phrases without which its verdict would be less sure.

Leaves out one phrase at a time and reads again, all variants in one batch; cheap enough for the alert page.
"""

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from models.inputs import clean
from models.questions import Question

if TYPE_CHECKING:
    from models.sentiment import SentimentModel

_MOST_VARIANTS = 12
_MOST_WORDS = 60
_SMALLEST_MOVE = 0.005


def moved(model: "SentimentModel", question: Question) -> list[tuple[str, float]]:
    """(phrase, fall of the verdict's probability) pairs, strongest first; only phrases that support it."""
    words = clean(question.text).split(" ")[:_MOST_WORDS]
    spans = _spans(len(words))
    variants = [" ".join(words[:start] + words[end:]) or "." for start, end in spans]
    texts = [" ".join(words), *variants]
    whole, *without = model.predict([replace(question, text=text, lang=None) for text in texts])
    label = whole.label
    if label is None:
        return []
    falls = [
        (_bare(words[start:end]), whole.sentiment[label] - part.sentiment.get(label, whole.sentiment[label]))
        for (start, end), part in zip(spans, without, strict=True)
    ]
    strong = [(phrase, round(fall, 3)) for phrase, fall in falls if phrase and fall >= _SMALLEST_MOVE]
    return sorted(strong, key=lambda one: -one[1])


def _spans(count: int) -> list[tuple[int, int]]:
    """At most _MOST_VARIANTS neighbouring groups of words that cover the text."""
    size = max(-(-count // _MOST_VARIANTS), 1)
    return [(start, min(start + size, count)) for start in range(0, count, size)]


def _bare(words: list[str]) -> str:
    return re.sub(r"^[^\w]+|[^\w]+$", "", " ".join(words))

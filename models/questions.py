"""What is asked of the model and what it answers; plain frozen values, no torch."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Question:
    """One post and the shop it may be about.

    text: the post, any length. shop: the shop's name as people write it. thread_title, parent: what the post
    hangs on. words: spellings of the shop that matching found, marked in the text besides the name itself.
    lang: two-letter code when known; None lets every language through.
    """

    text: str
    shop: str
    thread_title: str = ""
    parent: str = ""
    words: tuple[str, ...] = ()
    lang: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The verdict on one question; every probability lies in 0..1.

    sentiment sums to 1 and is {} when not scored; topics and urgency_scores are {} and needs_reply and
    about_shop None where the model has no such head. not_scored holds the reason in a sentence, else None.
    """

    sentiment: dict[str, float] = field(default_factory=dict)
    label: str | None = None
    topics: dict[str, float] = field(default_factory=dict)
    chosen_topics: tuple[str, ...] = ()
    urgency: str = "none"
    urgency_scores: dict[str, float] = field(default_factory=dict)
    needs_reply: float | None = None
    about_shop: float | None = None
    not_scored: str | None = None

"""The only door to models/: posts and the shops found in them go in, Verdicts come out.

The model is loaded at the first call, not at import. What a model has no head for stays None or
empty; the pipeline fills it by rule.
"""

import threading
from collections.abc import Sequence
from typing import Protocol

from models import sentiment
from monitor.domain import Match, Post, Sentiment, Topic, Urgency, Verdict
from monitor.errors import ModelError

_DEFAULT_THRESHOLD = 0.6


class Assessor(Protocol):
    """Judges how writers feel about shops."""

    @property
    def model(self) -> str:
        """Name and version, stored with every verdict."""
        ...

    def assess(self, found: Sequence[tuple[Post, Match]]) -> list[Verdict]:
        """Judge each post toward its shop; order kept, one verdict per pair."""
        ...

    def negative_above(self, lang: str | None) -> float:
        """Probability above which a post in this language counts as negative."""
        ...


class ModelAssessor:
    """The real one: a model of models/, or any sequence classifier it can load."""

    def __init__(self, name: str | None = None, threads: int | None = None) -> None:
        """`name` is a folder or model id; None is the model shipped in models/weights."""
        self._name = name
        self._threads = threads
        self._lock = threading.Lock()
        self._loaded: sentiment.SentimentModel | None = None

    @property
    def model(self) -> str:
        return self._model().name

    def assess(self, found: Sequence[tuple[Post, Match]]) -> list[Verdict]:
        model = self._model()
        answers = model.predict([_question(post, match) for post, match in found])
        return [
            _verdict(model.name, post.lang, answer) for (post, _), answer in zip(found, answers, strict=True)
        ]

    def negative_above(self, lang: str | None) -> float:
        limits = self._model().thresholds["negative_above"]
        return float(limits.get(lang or "", max(limits.values(), default=_DEFAULT_THRESHOLD)))

    def explain(self, post: Post, match: Match) -> list[tuple[str, float]]:
        """Words that moved the verdict, strongest first."""
        return self._model().explain(_question(post, match))

    def _model(self) -> sentiment.SentimentModel:
        with self._lock:
            if self._loaded is None:
                self._loaded = self._load()
            return self._loaded

    def _load(self) -> sentiment.SentimentModel:
        try:
            return sentiment.load(self._name, threads=self._threads)
        except sentiment.WeightsError as error:
            raise ModelError(str(error)) from error


def _question(post: Post, match: Match) -> sentiment.Question:
    text = f"{post.title}\n{post.text}" if post.title and post.title != post.thread_title else post.text
    return sentiment.Question(
        text=text,
        shop=match.shop.name,
        thread_title=post.thread_title,
        parent=post.parent_text,
        words=match.words,
        lang=post.lang,
    )


def _verdict(model: str, lang: str | None, answer: sentiment.Answer) -> Verdict:
    if answer.not_scored is not None:
        return Verdict(model=model, lang=lang, not_scored=answer.not_scored)
    return Verdict(
        model=model,
        scores={Sentiment(name): score for name, score in answer.sentiment.items()},
        label=Sentiment(answer.label) if answer.label else None,
        topics=tuple(Topic(topic) for topic in answer.chosen_topics),
        urgency=Urgency(answer.urgency) if answer.urgency in set(Urgency) else Urgency.NONE,
        needs_reply=None if answer.needs_reply is None else answer.needs_reply >= 0.5,
        about_shop=answer.about_shop,
        lang=lang,
    )

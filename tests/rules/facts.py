"""Facts about one post, ready-made; every part can be replaced."""

from datetime import UTC, datetime

from monitor.domain import Facts, Match, Post, Sentiment, Shop, Topic, Urgency, Verdict

NOW = datetime(2026, 11, 24, 12, 10, tzinfo=UTC)
LUMOPUOTI = Shop("lumopuoti", "Lumopuoti", handles=("@lumopuoti",))
RIVAL = Shop("kilpailija", "Kilpailija", rival=True)


def make_facts(
    text: str,
    *,
    label: Sentiment | None = Sentiment.NEGATIVE,
    score: float = 0.9,
    title: str = "",
    rating: float | None = None,
    reach: int | None = None,
    urgency: Urgency = Urgency.NONE,
    needs_reply: bool | None = None,
    about_shop: float | None = None,
    certainty: float = 1.0,
    where: str = "text",
    urgent_words: tuple[str, ...] = (),
    shop: Shop = LUMOPUOTI,
    author_alerts: int = 0,
    thread_pace: int = 0,
) -> Facts:
    scores = {one: score if one is label else (1 - score) / 2 for one in Sentiment} if label else {}
    return Facts(
        post=Post(
            source="forum",
            external_id="1",
            thread_key="1",
            text=text,
            title=title,
            rating=rating,
            reach=reach,
            posted_at=NOW,
        ),
        match=Match(shop, ("Lumopuoti",), certainty, where),
        verdict=Verdict(
            model="test-1",
            scores=scores,
            label=label,
            topics=(Topic.DELIVERY,),
            urgency=urgency,
            needs_reply=needs_reply,
            about_shop=about_shop,
            not_scored=None if label else "language",
        ),
        now=NOW,
        negative_above=0.6,
        urgent_words=urgent_words,
        author_alerts=author_alerts,
        thread_pace=thread_pace,
    )

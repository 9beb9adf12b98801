"""Fills by rule what a model has no head for, and what a post that was not scored still shows."""

from dataclasses import replace

from monitor.domain import Post, Verdict
from monitor.rules.fallback import guess_needs_reply, guess_topics, guess_urgency


def complete(post: Post, verdict: Verdict) -> Verdict:
    """Return the verdict with topics, urgency and needs_reply; a full one comes back unchanged."""
    if verdict.needs_reply is not None:
        return verdict
    text = f"{post.title}\n{post.text}"
    return replace(
        verdict,
        topics=verdict.topics or guess_topics(text),
        urgency=max(verdict.urgency, guess_urgency(text, verdict.label), key=lambda urgency: urgency.rank),
        needs_reply=guess_needs_reply(text, verdict.label),
    )

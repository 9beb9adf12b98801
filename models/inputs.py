"""Turns a question into the pair of segments the encoder reads; the same for training and inference.

First segment: the marked shop, the thread's title and the post it answers. Second: the post, shop marked.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from models.marking import CLOSE, OPEN, mark
from models.questions import Question

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

MAX_TOKENS = 192
CONTEXT_TOKENS = 80
WINDOW_OVERLAP = 32
MAX_WINDOWS = 24
_MAX_LETTERS = 100_000
_MAX_CONTEXT_LETTERS = 600
_SPACES = re.compile(r"\s+")
_RUN = re.compile(r"(\S)\1{7,}")


class Pair(NamedTuple):
    """Context and post as the tokenizer gets them."""

    context: str
    post: str


def clean(text: str, limit: int = _MAX_LETTERS) -> str:
    """One line without control characters, lone surrogates or endless repeats of one letter."""
    shown = "".join(" " if _unseen(letter) else letter for letter in text[:limit])
    return _RUN.sub(lambda run: run.group(1) * 5, _SPACES.sub(" ", shown)).strip()


def pair(question: Question) -> Pair:
    """The two marked segments; a question without a shop has an empty context unless it hangs on a thread."""
    shop = clean(question.shop, 120)
    around = [clean(part, _MAX_CONTEXT_LETTERS) for part in (question.thread_title, question.parent)]
    marked = [mark(part, shop, question.words) for part in around if part]
    named = [f"{OPEN} {shop.replace(OPEN, '(').replace(CLOSE, ')')} {CLOSE}"] if shop else []
    return Pair(" | ".join(named + marked), mark(clean(question.text), shop, question.words))


def windows(
    pairs: Sequence[Pair], tokenizer: "PreTrainedTokenizerFast", max_tokens: int
) -> list[list[list[int]]]:
    """Token ids per pair: one window, or several overlapping ones for a long post (at most MAX_WINDOWS)."""
    contexts = _ids(tokenizer, [one.context for one in pairs])
    posts = _ids(tokenizer, [one.post for one in pairs])
    start, end = int(tokenizer.cls_token_id), int(tokenizer.sep_token_id)
    built = []
    for context, post in zip(contexts, posts, strict=True):
        head = [start, *context[: min(CONTEXT_TOKENS, max_tokens // 2)], end, end]
        built.append([[*head, *part, end] for part in _parts(post, max_tokens - len(head) - 1)])
    return built


def _ids(tokenizer: "PreTrainedTokenizerFast", texts: list[str]) -> list[list[int]]:
    encoded = tokenizer(texts, add_special_tokens=False, return_attention_mask=False, verbose=False)
    return [list(ids) for ids in encoded["input_ids"]]


def _parts(ids: list[int], room: int) -> list[list[int]]:
    if len(ids) <= room:
        return [ids]
    step = max(room - WINDOW_OVERLAP, 1)
    starts = list(range(0, len(ids) - WINDOW_OVERLAP, step))
    if len(starts) > MAX_WINDOWS:
        starts = [starts[round(i * (len(starts) - 1) / (MAX_WINDOWS - 1))] for i in range(MAX_WINDOWS)]
    return [ids[first : first + room] for first in starts]


def _unseen(letter: str) -> bool:
    kind = unicodedata.category(letter)
    return kind in {"Cc", "Cs", "Co", "Cn"} or (kind == "Cf" and letter not in "\u200d")

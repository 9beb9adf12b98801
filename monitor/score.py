"""Reads a pile of posts (JSON Lines or CSV) and says what the service would: matched, stance, urgency.

For analysts and for evaluation; nothing is stored. Fields that came in go out again unchanged.
"""

import csv
import io
import itertools
import json
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from monitor import rules
from monitor.assessor import Assessor
from monitor.domain import Facts, Match, Post, Reason, Sentiment, Shop, Verdict
from monitor.matching import Matcher, decide
from monitor.rules.complete import complete, heed_words
from monitor.text import LanguageDetector, clean

_AT_ONCE = 256
# Of 350 reviews of the labelled corpus that do not name their shop, every one is about it.
_REVIEW_PAGE = 0.9
# Reading and writing JSON takes a stack frame a level; no post is nested like this.
_DEEPEST = 100
Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Scorer:
    """Matching, model and rules in one hand, without the store.

    `shops` are those of the configuration; a post may name another one by its plain name.
    """

    shops: Sequence[Shop]
    assessor: Assessor
    detector: LanguageDetector
    urgent_words: tuple[str, ...] = ()
    negative_above: float | None = None

    def score(self, rows: Iterable[Fields], now: datetime) -> Iterator[Fields]:
        """Yield each row with the added fields, order kept; a row that cannot be read gets `error`."""
        matchers: dict[Shop, Matcher] = {}
        for chunk in _chunks(rows, _AT_ONCE):
            found = [self._find(fields, matchers) for fields in chunk]
            pairs = [pair for pair, _ in found if pair is not None]
            verdicts = iter(self.assessor.assess(pairs))
            for fields, (pair, error) in zip(chunk, found, strict=True):
                if pair is None:
                    yield {**fields, "error": error}
                else:
                    post, match = pair
                    yield {**fields, **self._answer(post, match, complete(post, next(verdicts)), now)}

    def _find(self, fields: Fields, matchers: dict[Shop, Matcher]) -> tuple[tuple[Post, Match] | None, str]:
        if "text" not in fields and "error" in fields:
            return None, str(fields["error"])
        try:
            shop, post = self._shop(fields), self._post(fields)
        except ValidationError as error:
            first = error.errors()[0]
            return None, f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
        except ValueError as error:
            return None, str(error)
        if shop not in matchers:
            matchers[shop] = Matcher([shop])
        matches = matchers[shop].find_shops(post)
        return (post, matches[0] if matches else _unnamed(shop, fields)), ""

    def _shop(self, fields: Fields) -> Shop:
        name = str(fields.get("shop") or "").strip()
        known = next((shop for shop in self.shops if name in (shop.slug, shop.name) or not name), None)
        if known is None and not name:
            raise ValueError("shop: name a shop; there is none in the configuration")
        aliases, domains = _words(fields.get("aliases")), _words(fields.get("domain"))
        if known is not None and not aliases and not domains:
            return known
        base = known or Shop(slug=name, name=name)
        return Shop(
            slug=base.slug,
            name=base.name,
            aliases=(*base.aliases, *aliases),
            domains=(*base.domains, *domains),
            handles=base.handles,
            words_near=base.words_near,
            not_words=base.not_words,
            case_sensitive=base.case_sensitive,
        )

    def _post(self, fields: Fields) -> Post:
        text = fields.get("text")
        if not isinstance(text, str):
            raise ValueError("text: this field is missing or not a text")
        lang = str(fields.get("lang") or "") or None
        text = clean(text)
        return Post(
            source="score",
            external_id="0",
            thread_key="0",
            text=text,
            thread_title=clean(str(fields.get("thread_title") or "")),
            parent_text=clean(str(fields.get("parent") or "")),
            lang=lang or self.detector.detect(text, None),
        )

    def _answer(self, post: Post, match: Match, verdict: Verdict, now: datetime) -> Fields:
        is_found = match.certainty > 0
        reasons = rules.judge(self._facts(post, match, verdict, now)) if is_found else ()
        verdict = heed_words(verdict, reasons)
        return {
            "matched": is_found and decide(match.certainty, verdict.about_shop),
            "matched_words": list(match.words),
            "lang": post.lang,
            "sentiment": verdict.label.value if verdict.label else None,
            "scores": {str(name): round(verdict.scores.get(name, 0.0), 4) for name in Sentiment}
            if verdict.scores
            else {},
            "topics": [topic.value for topic in verdict.topics],
            "urgency": verdict.urgency.value,
            "needs_reply": verdict.needs_reply,
            "about_shop": verdict.about_shop,
            "not_scored": verdict.not_scored,
            "reasons": [_sentence(reason) for reason in reasons],
        }

    def _facts(self, post: Post, match: Match, verdict: Verdict, now: datetime) -> Facts:
        limit = self.negative_above
        return Facts(
            post=post,
            match=match,
            verdict=verdict,
            now=now,
            negative_above=self.assessor.negative_above(post.lang) if limit is None else limit,
            urgent_words=self.urgent_words,
        )


def read_posts(text: str, name: str) -> Iterator[Fields]:
    """Read JSON Lines, or CSV when the name ends so or the first line is no JSON.

    A line that cannot be read is yielded as {"line": n, "error": why}: it is told, not lost. What is
    no number in JSON (NaN, Infinity, 1e999) is read as null.
    """
    first = next((line for line in text.splitlines() if line.strip()), "")
    is_csv = name.lower().endswith(".csv") or not first.lstrip().startswith(("{", "["))
    return _read_csv(text) if is_csv else _read_jsonl(text)


def to_line(fields: Fields, encoding: str = "utf-8") -> str:
    """Write a row as one line of JSON; in ASCII where the encoding cannot say what stands in it."""
    line = json.dumps(fields, ensure_ascii=False) + "\n"
    try:
        line.encode(encoding)
    except UnicodeEncodeError:
        # Half surrogates, which JSON may hold as escapes and no encoding of text may.
        return json.dumps(fields) + "\n"
    return line


def _read_jsonl(text: str) -> Iterator[Fields]:
    # Not splitlines(): JSON texts may hold U+2028 and the like unescaped.
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            yield _read_object(line)
        except ValueError as error:
            yield {"line": number, "error": str(error)}


def _read_object(line: str) -> Fields:
    """One line as an object. Raises ValueError with the reason."""
    try:
        fields = json.loads(line, parse_float=_number, parse_constant=lambda name: None)
    except RecursionError:
        raise ValueError("this line is nested too deeply") from None
    except ValueError as error:
        raise ValueError(f"this line is not JSON: {error}") from None
    if _is_deeper(fields, _DEEPEST):
        raise ValueError("this line is nested too deeply")
    if not isinstance(fields, dict):
        raise ValueError("this line is no object")
    return fields


def _number(written: str) -> float | None:
    number = float(written)
    return number if math.isfinite(number) else None


def _is_deeper(value: object, levels: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_is_deeper(one, levels - 1) for one in inner)


def _read_csv(text: str) -> Iterator[Fields]:
    text = text.lstrip("\ufeff\r\n")
    first = text.split("\n", 1)[0]
    delimiter = max((",", ";", "\t"), key=first.count)
    # The module's own limit of 131,072 characters to a cell would lose long posts and what follows them.
    limit = csv.field_size_limit(len(text) + 1)
    try:
        rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
        while (row := _next_row(rows)) is not None:
            yield row
    finally:
        csv.field_size_limit(limit)


def _next_row(rows: "csv.DictReader[str]") -> Fields | None:
    """The next row, with the reason in `error` when it cannot be read; None at the end."""
    try:
        row = next(rows, None)
    except csv.Error as error:
        return {"line": rows.line_num, "error": f"this row is not CSV: {error}"}
    return None if row is None else {key: value for key, value in row.items() if key is not None}


def _unnamed(shop: Shop, fields: Fields) -> Match:
    """A post that names nobody; one of a review site still stands on the page of its shop."""
    is_review = str(fields.get("source") or "").casefold() == "review"
    return Match(shop, (), _REVIEW_PAGE if is_review else 0.0, "place")


def _words(value: object) -> tuple[str, ...]:
    if isinstance(value, list | tuple):
        return tuple(str(word).strip() for word in value if str(word).strip())
    return tuple(word.strip() for word in str(value or "").split(",") if word.strip())


def _sentence(reason: Reason) -> str:
    sentence = reason.sentence
    for name, value in reason.values.items():
        sentence = sentence.replace("{" + name + "}", value)
    return sentence


def _chunks(rows: Iterable[Fields], size: int) -> Iterator[list[Fields]]:
    iterator = iter(rows)
    while chunk := list(itertools.islice(iterator, size)):
        yield chunk

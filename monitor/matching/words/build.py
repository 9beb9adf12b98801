"""Count the words of plain texts into the frequency list that ships.

    python -m monitor.matching.words.build FOLDER

FOLDER holds gzipped texts, one document a line; README.md beside this file names the ones used.
Only counts leave the texts, never sentences. The format is described in `packed`.
"""

import gzip
import json
import math
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

SOURCES = {
    "fi": (
        "unlabelled/fi_fincore_web_docs.txt.gz",
        "unlabelled/fi_suomi24_sentences.txt.gz",
        "unlabelled/fi_suomi24_lowercased_sentences.txt.gz",
    ),
    "sv": ("unlabelled/sv_core_web_docs.txt.gz",),
    "en": ("xed_en.jsonl.gz", "semeval_tweets_taskA.jsonl.gz"),
}
SEEN_AT_LEAST = {"fi": 3, "sv": 5, "en": 4}
STEPS = 4
_WORD = re.compile(r"[^\W\d_]{2,30}")


def _lines(path: Path) -> Iterator[str]:
    with gzip.open(path, "rt", encoding="utf-8", errors="replace") as lines:
        for line in lines:
            yield str(json.loads(line)["text"]) if ".jsonl" in path.name else line


def count(folder: Path, lang: str) -> tuple[Counter[str], int]:
    """Lower-case word forms and their counts in one language's texts, and how many words there are."""
    counts: Counter[str] = Counter()
    for source in SOURCES[lang]:
        for line in _lines(folder / source):
            counts.update(_WORD.findall(line.lower()))
    return counts, counts.total()


def frequencies(folder: Path) -> dict[str, float]:
    """Words per million; of the languages that have a word, the one where it is commonest counts."""
    found: dict[str, float] = {}
    for lang, least in SEEN_AT_LEAST.items():
        counts, total = count(folder, lang)
        for word, number in counts.items():
            if number >= least:
                found[word] = max(found.get(word, 0.0), number * 1e6 / total)
    return found


def packed(per_million: Mapping[str, float]) -> str:
    """One line a word, sorted: a letter for how many letters it shares with the line before (A = 0),
    the rest of it, and a letter for its frequency in quarter powers of ten (A = one in ten million)."""
    lines: list[str] = []
    before = ""
    for word in sorted(per_million):
        shared = 0
        while shared < min(len(word), len(before), 25) and word[shared] == before[shared]:
            shared += 1
        step = max(0, min(25, round(STEPS * math.log10(per_million[word] * 10))))
        lines.append(chr(65 + shared) + word[shared:] + chr(65 + step))
        before = word
    return "\n".join(lines)


def write(folder: Path, target: Path) -> None:
    """Write the list, compressed, with no time stamp so that the same texts give the same bytes."""
    target.write_bytes(gzip.compress(packed(frequencies(folder)).encode("utf-8"), compresslevel=9, mtime=0))


if __name__ == "__main__":
    write(Path(sys.argv[1]), Path(__file__).with_name("frequencies.txt.gz"))

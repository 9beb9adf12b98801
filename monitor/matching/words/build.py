"""Count the words of plain texts into the frequency list that ships: python -m monitor.matching.words.build FOLDER.

FOLDER holds gzipped texts, one document a line; README.md beside this file names the ones used.
Only counts leave the texts, never sentences.
"""

import gzip
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

SOURCES = {
    "fi": ("unlabelled/fi_fincore_web_docs.txt.gz", "unlabelled/fi_suomi24_sentences.txt.gz",
           "unlabelled/fi_suomi24_lowercased_sentences.txt.gz"),
    "sv": ("unlabelled/sv_core_web_docs.txt.gz",),
    "en": ("xed_en.jsonl.gz", "semeval_tweets_taskA.jsonl.gz"),
}
LIMITS = {"fi": 40_000, "sv": 15_000, "en": 9_000}
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


def rows(folder: Path) -> Iterator[str]:
    """Lines `lang word per_million`, each language's commonest words first."""
    for lang, limit in LIMITS.items():
        counts, total = count(folder, lang)
        kept = sorted(counts.most_common(limit))
        for word, number in kept:
            yield f"{lang} {word} {number * 1e6 / total:.3g}"


def write(folder: Path, target: Path) -> None:
    """Write the list, compressed, with no time stamp so that the same texts give the same bytes."""
    text = "\n".join(rows(folder)) + "\n"
    target.write_bytes(gzip.compress(text.encode("utf-8"), compresslevel=9, mtime=0))


if __name__ == "__main__":
    write(Path(sys.argv[1]), Path(__file__).with_name("frequencies.txt.gz"))

"""Posts matched per second for 1, 1,000 and 50,000 names, against a bare Aho-Corasick scan of the same text.

A post that names somebody costs more for each shop it names, and with more names more posts do; so the cost
of those that name nobody has a column of its own: it must not grow with the names. "first time" is a process
that has met no word yet.

Run alone: python -m tests.bench.bench_matching. `rows` gives the table to tests/bench/run.py.
"""

import gc
import json
import os
import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import ahocorasick

from monitor.domain import Post, Shop
from monitor.matching import Matcher

POSTS = 1400
LETTERS = 180
ROUNDS = 7
NAME_COUNTS = (1, 1000, 50_000)

_FIRST_WORDS = """
    koti piha sauna kenkä villa lanka helmi kulta hopea lumi tuuli meri metsä kukka kirja peli sähkö
    pyörä auto vene kala koira kissa hevos vauva lasten naisten miesten puku hattu laukku kello koru
    taulu lamppu tuoli pöytä sohva matto verho peitto tyyny astia kahvi tee suklaa karkki leipä juusto
    marja hunaja mauste siemen taimi multa kivi rauta puu lasi paperi kynä väri muste kangas nappi
    vetoketju neula silmukka virkkuu ompelu kutoma huopa nahka turkis sulka
"""
_FIRST = _FIRST_WORDS.split()
_LAST_WORDS = """
    puoti kauppa nurkka polku aitta laatikko tupa ranta lahti niemi mäki kulma katu tori portti pesä
    kolo luola linna torni mylly paja verstas halli vintti kellari varasto kontti kärry kelkka reki
    satama laituri majakka saari lampi puro keidas tarha niitty pelto reppu kassi pussi purkki arkku
    lipas hylly kaappi koppi koju tiski kioski basaari
"""
_LAST = _LAST_WORDS.split()
_SYLLABLES_WORDS = """
    ka ko ku la lo lu ma mo mu na no nu ra ro ru sa so su ta to tu va vo vu ve vi ze zi xa ga go be bo
    do di fi
"""
_SYLLABLES = _SYLLABLES_WORDS.split()


def rows() -> list[dict[str, object]]:
    """One row for each number of names: microseconds a post for both, and how many times slower we are."""
    posts = _posts()
    return [_row(count, posts) for count in NAME_COUNTS]


def _row(count: int, posts: Sequence[Post]) -> dict[str, object]:
    names = make_names(count, random.Random(count))
    shops = [Shop(slug=f"shop-{at}", name=name) for at, name in enumerate(names)]
    before, started = _resident_mb(), time.thread_time()
    matcher = Matcher(shops)
    built, grown = time.thread_time() - started, _resident_mb() - before
    bare = _bare(names)
    lowered = [post.text.lower() for post in posts]
    gc.collect()
    gc.freeze()
    first = _seconds(lambda: _match_all(matcher, posts)) / POSTS
    ours, theirs = _best(lambda: _match_all(matcher, posts), lambda: _scan_all(bare, lowered))
    naming = [post for post in posts if matcher.find_shops(post)]
    others = [post for post in posts if post not in naming]
    nobody = min(_seconds(lambda: _match_all(matcher, others)) for _ in range(ROUNDS)) / len(others)
    gc.unfreeze()
    return {
        "what": "matching",
        "names": count,
        "posts_per_second": round(1 / ours),
        "us_per_post": round(ours * 1e6, 2),
        "us_bare_scan": round(theirs * 1e6, 2),
        "ratio": round(ours / theirs, 2),
        "us_first_time": round(first * 1e6, 2),
        "ratio_first_time": round(first / theirs, 2),
        "us_naming_nobody": round(nobody * 1e6, 2),
        "posts_that_name": len(naming),
        "seconds_to_build": round(built, 2),
        "mb": round(grown),
    }


def make_names(count: int, choose: random.Random) -> list[str]:
    """Names of the usual kinds, all different: compounds of two words, made-up words, names with a number."""
    names: dict[str, None] = {}
    while len(names) < count:
        kind = choose.random()
        if kind < 0.4:
            name = choose.choice(_FIRST) + choose.choice(_LAST)
        elif kind < 0.85:
            name = "".join(choose.choice(_SYLLABLES) for _ in range(choose.choice((3, 4, 4))))
        else:
            name = choose.choice(_FIRST) + choose.choice(_LAST) + str(choose.randrange(1, 999))
        names.setdefault(name.capitalize())
    return list(names)


def _posts() -> list[Post]:
    """The posts the model was trained on, as people write them, all different, cut to one length."""
    files = sorted((Path(__file__).parents[2] / "models" / "data").glob("*.jsonl"))
    rows = [json.loads(line) for path in files for line in path.read_text(encoding="utf-8").splitlines()]
    text = " ".join(row["text"] for row in rows)
    assert len(text) >= POSTS * LETTERS
    return [
        Post(
            source="bench",
            external_id=str(at),
            thread_key=str(at),
            text=text[at * LETTERS : (at + 1) * LETTERS],
        )
        for at in range(POSTS)
    ]


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _bare(names: Sequence[str]) -> ahocorasick.Automaton:
    automaton = ahocorasick.Automaton()
    for name in names:
        automaton.add_word(name.lower(), name)
    automaton.make_automaton()
    return automaton


def _match_all(matcher: Matcher, posts: Sequence[Post]) -> None:
    for post in posts:
        matcher.find_shops(post)


def _scan_all(automaton: ahocorasick.Automaton, lowered: Sequence[str]) -> None:
    for text in lowered:
        for _ in automaton.iter(text):
            pass


def _best(ours: Callable[[], None], theirs: Callable[[], None]) -> tuple[float, float]:
    """CPU seconds a post of each, the best of several rounds taken in turns."""
    seconds = [(_seconds(ours), _seconds(theirs)) for _ in range(ROUNDS)]
    return min(a for a, _ in seconds) / POSTS, min(b for _, b in seconds) / POSTS


def _seconds(run: Callable[[], None]) -> float:
    start = time.thread_time()
    run()
    return time.thread_time() - start


if __name__ == "__main__":
    for row in rows():
        print(row)

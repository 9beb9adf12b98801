"""A year's trend out of kept counts against the plain count of the same year; both must give the same points.

`python -m tests.bench.bench_trends --mentions 50000` makes a smaller year.
"""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete
from sqlmodel import Session

from monitor import trends
from monitor.store import Store
from monitor.store.tables import CountedDay, DayCount
from monitor.trends import Point, Split, Step
from tests.bench import year
from tests.dashboard import seed

_ROUNDS = 5
Call = Callable[[Session], list[Point]]


def rows(mentions: int = 1_000_000) -> list[dict[str, Any]]:
    """Median milliseconds of five calls with kept counts, of one without."""
    config, size = year.kept(mentions)
    store = seed.open_store(config.parent)
    with store.transaction() as session:
        session.execute(delete(DayCount))
        session.execute(delete(CountedDay))
    calls = _calls(size.end)
    plain = {name: _timed(store, call, 1) for name, call in calls.items()}
    took = year.count(store, size)
    kept = {name: _timed(store, call, _ROUNDS) for name, call in calls.items()}
    store.close()
    found = [
        {
            "what": name,
            "plain ms": round(plain[name][0]),
            "kept ms": round(kept[name][0]),
            "ratio": plain[name][0] / kept[name][0],
            "same figures": "yes" if plain[name][1] == kept[name][1] else "NO",
            "points": len(kept[name][1]),
        }
        for name in plain
    ]
    return [*found, {"what": f"counting {mentions:,} mentions once", "kept ms": round(took * 1000)}]


def _calls(end: datetime) -> dict[str, Call]:
    until = end.astimezone(year.ZONE).date() + timedelta(days=1)
    since = until - timedelta(days=365)
    span = (since, until, year.ZONE, end)

    def own(session: Session) -> list[Point]:
        return trends.by_step(session, year.SHOPS, *span, Step.DAY, split=(), fill=True)

    def before(session: Session) -> list[Point]:
        earlier = (since - timedelta(days=365), since, year.ZONE, end)
        return trends.by_step(session, year.SHOPS, *earlier, Step.DAY, split=(), fill=True)

    def split(by: Split) -> Call:
        return lambda session: trends.totals(session, year.SHOPS[:1], *span, split=(by,), with_answers=False)

    def places(session: Session) -> list[Point]:
        found = trends.places(session, year.SHOPS[:1], *span)
        return [*found[Split.SOURCE], *found[Split.LANGUAGE]]

    page = (own, before, places, split(Split.TOPIC))
    month = (until - timedelta(days=31), *span[1:])
    return {
        "year by day, shop and rivals": own,
        "year by source": split(Split.SOURCE),
        "year by topic": split(Split.TOPIC),
        "all that the page of a year asks for": lambda session: [
            one for part in page for one in part(session)
        ],
        "year by week and source": lambda session: trends.by_step(session, year.SHOPS, *span, Step.WEEK),
        "31 days by hour (always plain)": lambda session: trends.by_step(
            session, year.SHOPS, *month, Step.HOUR, split=()
        ),
    }


def _timed(store: Store, call: Call, rounds: int) -> tuple[float, list[Point]]:
    times, points = [], []
    for _ in range(rounds):
        started = time.perf_counter()
        with store.reading() as session:
            points = call(session)
        times.append((time.perf_counter() - started) * 1000)
    return sorted(times)[rounds // 2], points


def main(arguments: Sequence[str]) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mentions", type=int, default=1_000_000, help="how many mentions the year has")
    found = rows(parser.parse_args(arguments).mentions)
    for row in found:
        print(
            "  ".join(
                f"{name}: {value:.1f}" if isinstance(value, float) else f"{name}: {value}"
                for name, value in row.items()
            )
        )
    return int(any(row.get("same figures") == "NO" for row in found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""A full round over a thousand feeds whose servers answer in 200 ms, against httpx alone asking the same.

Every feed has an address of its own on loopback, as a thousand sites have; their servers are a process of
their own. One of them takes the request and never answers.
"""

import asyncio
import functools
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

_SOURCES = 1_000
_POSTS = 20
_DELAY_S = 0.2
_AIM_S, _AIM_MB = 60, 500
_HANGS = 500  # the number of the source whose server never answers
_ROOT = Path(__file__).parents[2]


def rows() -> list[dict[str, Any]]:
    """Times of one run each; memory is the peak of the whole process."""
    with subprocess.Popen(
        _command("serve"), cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        port = int(server.stdout.readline())
        try:
            bare_s = asyncio.run(_bare(port))
            with tempfile.TemporaryDirectory() as folder:
                _write_config(Path(folder), port)
                told = subprocess.run(
                    _command("collect", folder), cwd=_ROOT, stdout=subprocess.PIPE, check=True
                )
        finally:
            server.stdin.close()
            server.wait(30)
    found = json.loads(told.stdout)
    return [
        _row("httpx alone, all at once, nothing read", bare_s, bare_s, {}),
        *(
            _row(one["what"], one["s"], bare_s, {**one, "peak MB": found["peak MB"]})
            for one in found["rounds"]
        ),
    ]


def _row(what: str, seconds: float, bare_s: float, more: dict[str, Any]) -> dict[str, Any]:
    known = {name: more[name] for name in ("ok", "busy", "mentions", "peak MB") if name in more}
    share = {"share of the aim": seconds / _AIM_S} if known else {}
    memory = {"share of the aimed MB": known["peak MB"] / _AIM_MB} if known else {}
    return {"what": what, "s": seconds, "ratio": seconds / bare_s, **share, **known, **memory}


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "tests.bench.bench_sources", *arguments]


def _address(number: int) -> str:
    return f"127.1.{number // 250}.{number % 250 + 1}"


async def _bare(port: int) -> float:
    urls = [f"http://{_address(number)}:{port}/feed.xml" for number in range(_SOURCES) if number != _HANGS]
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    async with httpx.AsyncClient(limits=limits, timeout=30) as client:
        started = time.perf_counter()
        answers = await asyncio.gather(*(client.get(url) for url in urls))
        took = time.perf_counter() - started
    assert all(answer.status_code == 200 for answer in answers)
    return took


def _write_config(folder: Path, port: int) -> None:
    shops = '[[shops]]\nslug = "lumopuoti"\nname = "Lumopuoti"\n'
    sources = (
        f'[[sources]]\nslug = "s{number}"\nkind = "feed"\nallow_private = true\n'
        f'url = "http://{_address(number)}:{port}/feed.xml"\n'
        for number in range(_SOURCES)
    )
    (folder / "config.toml").write_text(shops + "".join(sources), encoding="utf-8")


def _collect(folder: Path) -> None:
    """Read everything for the first time, then again, where nothing is new; last as the schedule does it."""
    from monitor import pipeline
    from monitor.app import open_app, read_config

    rounds: list[dict[str, Any]] = []
    with open_app(read_config(folder / "config.toml")) as app:
        slugs = list(app.parts.sources)
        without = [slug for slug in slugs if slug != f"s{_HANGS}"]
        for what, some in (
            ("first round, every feed read", without),
            ("next round, nothing new", without),
            ("the same, and one server hangs", slugs),
        ):
            started = time.perf_counter()
            outcomes, mentions = Counter[str](), 0
            for _, runs in pipeline.collect_all(app.parts, some):
                outcomes[runs[-1].outcome] += 1
                mentions += sum(run.new for run in runs)
            took = time.perf_counter() - started
            rounds.append({"what": what, "s": took, "mentions": mentions, "busy": 0, **outcomes})
        rounds.append({"what": "by the schedule from its start, spread", "s": _by_schedule(app, without)})
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps({"rounds": rounds, "peak MB": peak}))


def _by_schedule(app: Any, slugs: list[str]) -> float:
    """Seconds until the schedule, begun anew, has fetched every source."""
    from monitor import pipeline, schedule
    from monitor.store import reads

    begun = app.parts.clock.now()
    enabled = {source.slug: source for source in app.config.sources if source.slug in slugs}
    collect = functools.partial(pipeline.collect_due, app.parts)
    scheduler = schedule.build(enabled, {}, begun, collect, list, {})
    started = time.perf_counter()
    scheduler.start()
    left = set(slugs)
    while left:
        time.sleep(0.25)
        with app.store.reading() as session:
            states = reads.source_states(session)
        left = {slug for slug in left if (states[slug].last_run_at or begun) <= begun}
    took = time.perf_counter() - started
    scheduler.shutdown(wait=True)
    return took


def _feed() -> bytes:
    now = datetime.now(UTC)
    posts = "".join(
        f"<item><title>Ketju {number}</title><link>https://foorumi.example/{number}</link>"
        f"<pubDate>{now - timedelta(hours=number + 1):%a, %d %b %Y %H:%M:%S +0000}</pubDate>"
        f"<guid>{number}</guid><description>{_text(number)}</description></item>"
        for number in range(_POSTS)
    )
    return f'<rss version="2.0"><channel><title>t</title>{posts}</channel></rss>'.encode()


def _text(number: int) -> str:
    shop = "Lumopuodista" if number == 0 else "Toisesta kaupasta"
    return f"{shop} tilattu lamppu tuli perille rikki, eikä kolmanteen viestiin ole vastattu. " * 4


async def _serve() -> None:
    body = _feed()
    head = 'HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nETag: "1"\r\nConnection: close\r\n'
    whole = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
    unchanged = b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\nConnection: close\r\n\r\n'

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            asked = await reader.readuntil(b"\r\n\r\n")
            hangs = writer.get_extra_info("sockname")[0] == _address(_HANGS)
            await asyncio.sleep(3_600 if hangs else _DELAY_S)
            writer.write(unchanged if b"if-none-match" in asked.lower() else whole)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    first = await asyncio.start_server(answer, _address(0), 0, backlog=256)
    port = first.sockets[0].getsockname()[1]
    others = [_address(number) for number in range(1, _SOURCES)]
    await asyncio.start_server(answer, others, port, backlog=256)
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)  # until whoever started us is done


def _more_files() -> None:
    """A thousand servers need more open files than a shell usually allows."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


if __name__ == "__main__":
    _more_files()
    if sys.argv[1] == "serve":
        asyncio.run(_serve())
    else:
        _collect(Path(sys.argv[2]))

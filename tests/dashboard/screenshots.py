"""Pictures of every page of the dashboard: `python -m tests.dashboard.screenshots [folder]`."""

import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.dashboard import running, seed

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"


@dataclass(frozen=True)
class Picture:
    """One page at one width in one language and theme."""

    name: str
    address: str
    width: int = 1280
    height: int = 900
    scheme: str = "light"


PAGES = {
    "inbox": "",
    "alert": "alert?id=1",
    "mentions": "mentions",
    "trends": "trends",
    "quality": "quality",
    "sources": "sources",
    "arrangements": "arrangements",
    "settings": "settings",
}


def pictures() -> Iterator[Picture]:
    """Every page in Finnish and light, in Swedish and dark, and in English on a phone."""
    for name, address in PAGES.items():
        joint = "&" if "?" in address else "?"
        yield Picture(f"{name}-fi", f"{address}{joint}lang=fi")
        yield Picture(f"{name}-sv-dark", f"{address}{joint}lang=sv", scheme="dark")
        yield Picture(f"{name}-phone-en", f"{address}{joint}lang=en", width=390, height=844)


def main(arguments: Sequence[str]) -> None:
    """Fill a store, serve it, and write every picture into the folder."""
    folder = Path(arguments[0]) if arguments else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        config, store = seed.config_file(Path(place)), seed.open_store(Path(place))
        seed.fill(store, datetime.now(UTC))
        store.close()
        with running.dashboard(config) as address, running.browser() as browser:
            for picture in pictures():
                _take(browser, picture, address, folder)


def _take(browser: Browser, picture: Picture, address: str, folder: Path) -> None:
    context, _ = running.fenced(browser, width=picture.width, height=picture.height, scheme=picture.scheme)
    page = context.new_page()
    page.goto(f"{address}/{picture.address}")
    page.locator(".mv-title").wait_for()
    page.wait_for_load_state("networkidle")
    # Charts are drawn last; until then grey boxes stand in their places.
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=running.PATIENCE * 1000)
    page.wait_for_timeout(1000)
    page.screenshot(path=folder / f"{picture.name}.png")
    context.close()


if __name__ == "__main__":
    main(sys.argv[1:])

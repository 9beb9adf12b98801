"""From a finished run to everything we ship: python -m models.ship RUN --corpus CORPUS --data PUBLIC

Packs the weights, calibrates them, measures them and writes the card; the order matters, each needs the last.
"""

import argparse
import shutil
from collections.abc import Sequence
from pathlib import Path

from models import card, evaluate
from models.answers import Thresholds
from models.calibrate import calibrate, to_tree
from models.labels import LANGUAGES
from models.sentiment import SHIPPED
from models.settings import Settings, read_settings
from models.storage import save_packed

ROOM = Path(__file__).parent


def pack(run: Path, name: str, version: str) -> None:
    """The averaged weights of a run as int8, beside them its record; not yet calibrated."""
    save_packed(
        SHIPPED, run, {"name": name, "version": version, "languages": list(LANGUAGES)}, to_tree(Thresholds())
    )
    shutil.copyfile(run / "run.json", ROOM / "run.json")


def ship(run: Path, settings: Settings, corpus: Path, data: Path, base: Path | None) -> None:
    """Pack, calibrate, evaluate, card."""
    pack(run, settings.name, settings.version)
    calibrate(SHIPPED, corpus)
    arguments = ["--corpus", str(corpus), "--data", str(data), *(["--base", str(base)] if base else [])]
    evaluate.main(arguments)
    card.main()


def main(arguments: Sequence[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m models.ship", description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("--settings", type=Path, default=ROOM / "train.toml")
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--base", type=Path)
    chosen = parser.parse_args(arguments)
    ship(chosen.run, read_settings(chosen.settings), chosen.corpus, chosen.data, chosen.base)


if __name__ == "__main__":
    main()

"""The door of this room: load() gives a SentimentModel, predict() answers questions about posts and a shop.

Imports torch and transformers only inside load(); decides nothing about alerts.
"""

import json
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from models.answers import Thresholds, answer
from models.errors import WeightsError
from models.inputs import clean
from models.labels import LANGUAGES
from models.questions import Answer, Question

__all__ = ["Answer", "Question", "SentimentModel", "WeightsError", "load"]

SHIPPED = Path(__file__).parent / "weights"


class Engine(Protocol):
    """Anything that gives raw logits per question; "stance" always, other heads where it has them."""

    def logits(self, questions: Sequence[Question]) -> list[Any]: ...


class SentimentModel:
    """Reads posts. name is stored with every verdict; languages is () when nothing is known about them."""

    def __init__(self, engine: Engine, name: str, languages: tuple[str, ...], thresholds: Thresholds) -> None:
        self.engine = engine
        self.name = name
        self.languages = languages
        self.calibration = thresholds

    @property
    def thresholds(self) -> dict[str, Any]:
        """negative_above: per language, from which chance on "negative" is right often enough to alert."""
        return {
            "negative_above": dict(self.calibration.negative_above),
            "topic": self.calibration.topic,
            "critical": self.calibration.critical,
            "needs_reply": self.calibration.needs_reply,
        }

    def predict(self, questions: Sequence[Question]) -> list[Answer]:
        """One answer per question, in order; what cannot be read is "not scored" with the reason."""
        refusals = [self._refusal(question) for question in questions]
        readable = [one for one, refusal in zip(questions, refusals, strict=True) if refusal is None]
        answers = iter([answer(logits, self.calibration) for logits in self.engine.logits(readable)])
        return [next(answers) if refusal is None else Answer(not_scored=refusal) for refusal in refusals]

    def explain(self, question: Question) -> list[tuple[str, float]]:
        """Words or short phrases that moved the verdict, strongest first; [] when it was not scored.

        The number says by how much the probability of the verdict falls without them (0..1).
        """
        from models.explain import moved

        return [] if self._refusal(question) else moved(self, question)

    def _refusal(self, question: Question) -> str | None:
        if question.lang and self.languages and question.lang not in self.languages:
            return f"The model was not trained on this language ({question.lang})."
        return _unreadable(clean(question.text))


def load(folder: Path | str | None = None, *, threads: int | None = None) -> SentimentModel:
    """The shipped model, another folder of the same kind, or any Hugging Face classifier (folder or id).

    WeightsError names the file that is missing or damaged. threads: processor threads torch may use.
    """
    import torch

    if threads is not None:
        torch.set_num_threads(threads)
    place = SHIPPED if folder is None else Path(folder)
    if folder is None or (place / "checksums.json").is_file() or (place / "reader.safetensors").is_file():
        return _load_own(place)
    from models.foreign import load_foreign

    return load_foreign(str(folder))


def _load_own(folder: Path) -> SentimentModel:
    from models import storage
    from models.engine import TorchEngine

    storage.check(folder)
    about = json.loads((folder / storage.CONFIG).read_text(encoding="utf-8")).get("mainevahti", {})
    try:
        thresholds = Thresholds.from_tree(
            json.loads((folder / storage.THRESHOLDS).read_text(encoding="utf-8"))
        )
    except (KeyError, TypeError, ValueError) as error:
        raise WeightsError(f"{folder / storage.THRESHOLDS} has another shape: {error!r}.") from error
    languages = tuple(about.get("languages", LANGUAGES))
    name = f"{about.get('name', 'reader')}-{about.get('version', '0')}"
    return SentimentModel(TorchEngine.from_folder(folder), name, languages, thresholds)


def _unreadable(text: str) -> str | None:
    """Why a cleaned text cannot be judged, or None."""
    if not text:
        return "The post has no text."
    letters = [letter for letter in text if letter.isalpha()]
    latin = sum("LATIN" in unicodedata.name(letter, "") for letter in letters)
    if letters and latin < len(letters) / 2:
        return "The post is written in an alphabet the model does not know."
    return None

"""The shipped weights still say what they said when they were shipped; see golden_verdicts.py."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

from models.sentiment import SHIPPED, load

pytestmark = pytest.mark.weights
_TOLERANCE = 0.03


@pytest.fixture(scope="module")
def golden() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "golden_verdicts", Path(__file__).parent / "golden_verdicts.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_shipped_weights_give_the_golden_verdicts(golden: ModuleType) -> None:
    expected = json.loads((golden.GOLDEN / "verdicts.json").read_text(encoding="utf-8"))
    questions = golden.golden_questions()
    assert len(questions) == len(expected) == 60
    for question, answer, wanted in zip(questions, load().predict(questions), expected, strict=True):
        assert answer.sentiment == pytest.approx(wanted["sentiment"], abs=_TOLERANCE), question.text
        assert answer.needs_reply == pytest.approx(wanted["needs_reply"], abs=_TOLERANCE), question.text
        ranked = sorted(wanted["sentiment"].values())
        if ranked[-1] - ranked[-2] > 2 * _TOLERANCE:
            assert answer.label == wanted["label"], question.text


def test_shipped_weights_fit_into_sixty_megabytes() -> None:
    assert sum(one.stat().st_size for one in SHIPPED.iterdir()) <= 60_000_000


def test_shipped_model_explains_a_verdict_with_words_of_the_post(golden: ModuleType) -> None:
    model = load()
    question = golden.golden_questions()[0]
    moves = model.explain(question)
    assert moves
    assert all(phrase in question.text for phrase, _ in moves)

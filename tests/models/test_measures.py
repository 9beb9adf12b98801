import numpy as np
import pytest

from models import measures
from models.answers import Scale, Thresholds, answer, chosen_urgency


def test_macro_f1_counts_only_classes_that_occur() -> None:
    truth, said = np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1])
    assert measures.macro_f1(truth, said) == pytest.approx((2 / 3 + 0.8) / 2)


def test_border_for_precision_takes_the_greatest_recall() -> None:
    chances = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    truth = np.array([True, True, False, True, False])
    border = measures.border_for_precision(chances, truth, 0.75)
    assert border == (0.6, 0.75, 1.0)


def test_border_for_precision_gives_the_most_precise_when_none_reaches_it() -> None:
    border = measures.border_for_precision(np.array([0.9, 0.8]), np.array([False, True]), 0.9)
    assert border.threshold == 0.8
    assert border.precision == 0.5


def test_reliability_is_zero_when_probabilities_come_true() -> None:
    chances = np.array([0.75] * 4)
    assert measures.reliability(chances, np.array([True, True, True, False])) == pytest.approx(0.0)
    assert measures.reliability(chances, np.array([False] * 4)) == pytest.approx(0.75)


def test_mean_and_spread_of_one_value_has_no_spread() -> None:
    assert measures.mean_and_spread([0.5]) == (0.5, 0.0)


def test_answer_scales_logits_before_reading_them() -> None:
    logits = {"stance": np.array([1.0, 0.0, 0.0])}
    sure = answer(logits, Thresholds({"stance": Scale(5.0, (0.0, 0.0, 0.0))}))
    shifted = answer(logits, Thresholds({"stance": Scale(1.0, (0.0, 9.0, 0.0))}))
    assert sure.sentiment["negative"] > 0.98
    assert shifted.label == "neutral"
    assert sum(sure.sentiment.values()) == pytest.approx(1.0)


def test_chosen_urgency_is_critical_from_its_own_border_on() -> None:
    assert chosen_urgency(np.array([0.5, 0.2, 0.0, 0.3]), 0.3) == "critical"
    assert chosen_urgency(np.array([0.3, 0.2, 0.1, 0.4]), 0.45) == "none"

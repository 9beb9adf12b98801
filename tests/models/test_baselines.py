import numpy as np

from models import baselines
from models.labels import SENTIMENTS
from models.posts import Example, one_hot
from models.questions import Question

_TEXTS = {
    "negative": "terrible parcel never came",
    "neutral": "opening hours of the store",
    "positive": "lovely quick friendly thanks",
}


def _examples(times: int) -> list[Example]:
    return [
        Example(Question(f"{text} {place}", "Otterly"), {"stance": one_hot(label, SENTIMENTS)}, "forum")
        for place in range(times)
        for label, text in _TEXTS.items()
    ]


def test_n_grams_learn_what_words_say() -> None:
    said = baselines.n_grams(_examples(6), _examples(1))
    assert said.tolist() == [0, 1, 2]


def test_majority_always_says_the_commonest_label() -> None:
    train = [*_examples(1), Example(Question("x", "Otterly"), {"stance": (0.0, 0.0, 1.0)}, "forum")]
    assert np.array_equal(baselines.majority(train, _examples(1)), [2, 2, 2])


def test_without_shop_hides_every_name_of_it() -> None:
    hidden = baselines.without_shop(Question("Otterly never answers", "Otterly", words=("OTL",)))
    assert (hidden.shop, hidden.words) == ("", ())

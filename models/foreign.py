"""Any Hugging Face sequence-classification model behind the same predict(): stance, no other heads."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from transformers import (
    AutoModelForSequenceClassification,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from models.answers import Thresholds
from models.engine import Logits
from models.errors import WeightsError
from models.inputs import clean
from models.labels import SENTIMENTS
from models.questions import Question
from models.sentiment import SentimentModel

_BATCH = 16
_MAX_TOKENS = 512
_STARS = {1: "negative", 2: "negative", 3: "neutral", 4: "positive", 5: "positive"}


def load_foreign(place: str) -> SentimentModel:
    """Loads a folder or a model id; WeightsError when it cannot be loaded or its labels say nothing to us."""
    try:
        tokenizer = AutoTokenizer.from_pretrained(place)
        network = AutoModelForSequenceClassification.from_pretrained(place)
    except (OSError, ValueError) as error:
        raise WeightsError(
            f"{place} is neither a folder nor an id of a model that can be loaded: {error}"
        ) from error
    engine = ForeignEngine(network, tokenizer, stance_of(network.config.id2label, place))
    return SentimentModel(engine, place, (), Thresholds())


def stance_of(labels: Mapping[int, str], place: str) -> list[int]:
    """For each output of the model the index of our sentiment; reads names, LABEL_0..2 and 1-5 stars."""
    found = [_sentiment(label, len(labels)) for _, label in sorted(labels.items())]
    if None in found or not {"negative", "positive"} <= set(found):
        raise WeightsError(f"{place}: its labels {list(labels.values())} do not say negative and positive.")
    return [SENTIMENTS.index(sentiment) for sentiment in found if sentiment is not None]


class ForeignEngine:
    """Reads the post alone; such models know nothing of a shop."""

    def __init__(
        self, network: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, places: list[int]
    ) -> None:
        self.network = network
        network.train(False)
        self.tokenizer = tokenizer
        self.places = places

    def logits(self, questions: Sequence[Question]) -> list[Logits]:
        """Log-probabilities of our three sentiments; one the model lacks gets almost nothing."""
        rows: list[Logits] = []
        for first in range(0, len(questions), _BATCH):
            texts = [clean(one.text) for one in questions[first : first + _BATCH]]
            rows += [{"stance": self._ours(row)} for row in self._chances(texts)]
        return rows

    def _chances(self, texts: list[str]) -> np.ndarray:
        limit = min(_MAX_TOKENS, getattr(self.network.config, "max_position_embeddings", _MAX_TOKENS) - 2)
        inputs = self.tokenizer(texts, return_tensors="pt", padding=True, truncation=True, max_length=limit)
        with torch.inference_mode():
            chances: np.ndarray = self.network(**inputs).logits.double().softmax(-1).numpy()
        return chances

    def _ours(self, chances: np.ndarray) -> np.ndarray:
        sums = np.full(len(SENTIMENTS), 1e-6, np.float64)
        np.add.at(sums, self.places, chances)
        return np.log(sums)


def _sentiment(label: str, count: int) -> str | None:
    name = label.casefold()
    for sentiment in SENTIMENTS:
        if name.startswith(sentiment[:3]):
            return sentiment
    digits = [int(letter) for letter in name if letter.isdigit()]
    if "star" in name and digits:
        return _STARS.get(digits[0])
    if name.startswith("label_") and count == len(SENTIMENTS):
        return SENTIMENTS[digits[0]]
    return None

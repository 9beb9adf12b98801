"""What simpler means reach on the same split: majority, n-grams, logistic regression on a frozen encoder.

Needs scikit-learn, which the service itself does not; evaluation alone imports this file.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import StandardScaler
from torch import nn

from models.batches import padded
from models.inputs import pair, windows
from models.labels import SENTIMENTS
from models.machine import has_bf16
from models.posts import Example
from models.questions import Question
from models.storage import load_base

Said = NDArray[np.int64]
_BATCH = 32


def majority(train: Sequence[Example], dev: Sequence[Example]) -> Said:
    """The commonest label, always."""
    most = Counter(example.stance for example in train).most_common(1)[0][0]
    return np.full(len(dev), SENTIMENTS.index(most))


def n_grams(train: Sequence[Example], dev: Sequence[Example]) -> Said:
    """Words, word pairs and 2-5 letters within words, tf-idf, logistic regression with balanced classes."""
    features = make_union(
        TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True),
        TfidfVectorizer(
            analyzer="char_wb", ngram_range=(2, 5), min_df=3, sublinear_tf=True, max_features=120_000
        ),
    )
    model = make_pipeline(features, LogisticRegression(C=4.0, max_iter=300, class_weight="balanced"))
    model.fit([_text(example) for example in train], _labels(train))
    said: Said = model.predict([_text(example) for example in dev])
    return said


def frozen(base: Path, train: Sequence[Example], dev: Sequence[Example]) -> Said:
    """Logistic regression on the mean of the base encoder's last layer, the encoder left as it came."""
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=500, class_weight="balanced"))
    model.fit(_vectors(base, train), _labels(train))
    said: Said = model.predict(_vectors(base, dev))
    return said


def without_shop(question: Question) -> Question:
    """The same post when nothing says which shop is meant, for showing what the marking buys."""
    return replace(question, shop="", words=())


def _text(example: Example) -> str:
    return " ".join(pair(example.question))


def _labels(examples: Sequence[Example]) -> list[int]:
    return [SENTIMENTS.index(example.stance) for example in examples]


def _vectors(base: Path, examples: Sequence[Example]) -> NDArray[np.float32]:
    reader, tokenizer = load_base(base, 0.0)
    reader.eval()
    if has_bf16():
        nn.Module.to(reader.encoder, torch.bfloat16)
    ids = [parts[0] for parts in windows([pair(one.question) for one in examples], tokenizer, 192)]
    order = sorted(range(len(ids)), key=lambda place: len(ids[place]))
    found = np.empty((len(ids), reader.config.hidden_size), np.float32)
    with torch.inference_mode():
        for first in range(0, len(order), _BATCH):
            part = order[first : first + _BATCH]
            tokens, mask = padded([ids[place] for place in part], int(tokenizer.pad_token_id))
            hidden = reader.encoder(input_ids=tokens, attention_mask=mask).last_hidden_state
            seen = mask.unsqueeze(-1)
            found[part] = ((hidden.float() * seen).sum(1) / seen.sum(1)).numpy()
    return found

"""Posts scored per second: the shipped path against transformers' pipeline(), called one post at a time.

The same encoder weights in the same run: the pipeline gets our encoder as a feature extractor, which is
less work than our four heads, so the ratio is on the modest side.
"""

import json
import time
from pathlib import Path
from typing import Any

from models import sentiment
from models.storage import load_reader

_POSTS = Path(__file__).parents[2] / "monitor" / "demo" / "stream.jsonl"
_ROUNDS = 3


def rows() -> list[dict[str, Any]]:
    """Median of three rounds each, over the posts of the demo."""
    import torch

    torch.set_num_threads(2)
    texts = [json.loads(line)["text"] for line in _POSTS.read_text(encoding="utf-8").splitlines()]
    model = sentiment.load(threads=2)
    reader = _reader(model)
    plain = _median(lambda: _one_by_one(reader, texts), len(texts))
    single = _median(lambda: [model.predict([_question(text)]) for text in texts], len(texts))
    shipped = _median(lambda: model.predict([_question(text) for text in texts]), len(texts))
    return [
        {"what": "transformers pipeline(), one post at a time", "posts/s": plain, "ratio": 1.0},
        {"what": "predict(), one post at a time", "posts/s": single, "ratio": single / plain},
        {"what": "predict(), all at once (shipped path)", "posts/s": shipped, "ratio": shipped / plain},
    ]


def _question(text: str) -> sentiment.Question:
    return sentiment.Question(text=text, shop="Lumopuoti", lang="fi")


def _median(measure: Any, number: int) -> float:
    times = []
    for _ in range(_ROUNDS):
        started = time.perf_counter()
        measure()
        times.append(time.perf_counter() - started)
    return number / sorted(times)[1]


def _one_by_one(reader: Any, texts: list[str]) -> None:
    for text in texts:
        reader(text)


def _reader(model: Any) -> Any:
    from transformers import pipeline

    # As the library has it: float32; the shipped path may choose a faster format by itself.
    encoder = load_reader(sentiment.SHIPPED).eval().encoder
    return pipeline("feature-extraction", model=encoder, tokenizer=model.engine.tokenizer, device="cpu")

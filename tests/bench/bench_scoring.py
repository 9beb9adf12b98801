"""Posts scored per second: the shipped path against transformers' pipeline(), called one post at a time.

The same encoder weights in the same run: the pipeline gets our encoder as a feature extractor, which is
less work than our four heads, so the ratio is on the modest side.
"""

import json
import time
from pathlib import Path
from typing import Any

from models import sentiment

_POSTS = Path(__file__).parents[2] / "monitor" / "demo" / "stream.jsonl"
_ROUNDS = 3


def rows() -> list[dict[str, Any]]:
    """Median of three rounds each, over the posts of the demo."""
    import torch

    torch.set_num_threads(2)
    texts = [json.loads(line)["text"] for line in _POSTS.read_text(encoding="utf-8").splitlines()]
    model = sentiment.load(threads=2)
    plain = _median(lambda: _pipeline_one_by_one(model, texts), len(texts))
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


def _pipeline_one_by_one(model: Any, texts: list[str]) -> None:
    reader = _reader(model)
    for text in texts:
        reader(text)


def _reader(model: Any) -> Any:
    from transformers import pipeline

    network, tokenizer = model.engine.network, model.engine.tokenizer
    return pipeline("feature-extraction", model=network.encoder, tokenizer=tokenizer, device="cpu")

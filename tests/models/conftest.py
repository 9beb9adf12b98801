"""A real but tiny model: two layers, 32 wide, a tokenizer learnt from a dozen sentences, random weights."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
from transformers import BertConfig, BertModel

SENTENCES = [
    "Paketti Mustikkapuodista ei ole tullut, asiakaspalvelu ei vastaa.",
    "Kiitos Mustikkapuoti, nopea toimitus ja hyvä laatu!",
    "Onko Mustikkapuodilla tätä kokoa varastossa?",
    "Paketet från Lyktan kom aldrig och ingen svarar.",
    "Tack Lyktan, snabb leverans och bra kvalitet!",
    "The parcel from Otterly never came and nobody answers.",
    "Thanks Otterly, quick delivery and good quality!",
    "Does Otterly have this size in stock?",
]
_LABELS = ("negative", "positive", "neutral", "negative", "positive", "negative", "positive", "neutral")
_SHOPS = ("Mustikkapuoti",) * 3 + ("Lyktan",) * 2 + ("Otterly",) * 3
_LANGS = ("fi",) * 3 + ("sv",) * 2 + ("en",) * 3


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> Iterator[None]:
    """Tiny tensors gain nothing from threads, and on a busy machine the threads wait for each other."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def tiny_rows() -> list[dict[str, object]]:
    """The sentences as labelled posts in the format of models/data."""
    return [
        {
            "shop": shop,
            "lang": lang,
            "source": "forum",
            "thread_title": "",
            "text": text,
            "about_shop": True,
            "sentiment": label,
            "needs_reply": label != "positive",
            "topics": ["delivery"],
            "tags": ["negation"],
            "urgency": {"negative": "high", "neutral": "normal", "positive": "none"}[label],
        }
        for text, label, shop, lang in zip(SENTENCES, _LABELS, _SHOPS, _LANGS, strict=True)
    ]


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("base")
    size = _save_tokenizer(folder)
    config = BertConfig(
        vocab_size=size,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=256,
        pad_token_id=1,
        bos_token_id=0,
        eos_token_id=2,
    )
    torch.manual_seed(3)
    encoder = BertModel(config, add_pooling_layer=False)
    save_file(
        {name: value.contiguous() for name, value in encoder.state_dict().items()},
        folder / "model.safetensors",
    )
    (folder / "config.json").write_text(json.dumps(config.to_dict()), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def tiny_corpus(tiny_rows: list[dict[str, object]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    dev = [{**row, "text": f"Dev: {place} {str(row['text'])[::-1]}"} for place, row in enumerate(tiny_rows)]
    for name, posts in (("train", tiny_rows), ("dev", dev)):
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in posts)
        (folder / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def tiny_settings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("settings") / "train.toml"
    path.write_text(
        """
name = "tiny"
version = "0"
seed = 5
batch_tokens = 160
max_tokens = 64
average = 0.5
snapshots = [1, 2]
smoothing = 0.0
dropout = 0.0
masked = 0.1
teacher_share = 0.0

[importance]
stance = 1.0
urgency = 1.0
topics = 1.0
about_shop = 1.0
needs_reply = 1.0

[[stage]]
name = "posts"
epochs = 2
rate = 1e-3
head_rate = 1e-2
corpus = true
""",
        encoding="utf-8",
    )
    return path


def _save_tokenizer(folder: Path) -> int:
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=200,
        special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"],
        unk_token="<unk>",
        show_progress=False,
    )
    tokenizer.train_from_iterator([*SENTENCES, "[ ] |"], trainer)
    tokenizer.save(str(folder / "tokenizer.json"))
    return int(tokenizer.get_vocab_size())

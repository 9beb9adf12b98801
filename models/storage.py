"""Reading and writing networks: the base folder, a run's folder, and the packed int8 weights we ship.

Shipped format (weights/): reader.safetensors holds every matrix as int8 rows with one fp16 scale a row
(NAME and NAME.scale), everything else as fp32; config.json, tokenizer.json, thresholds.json beside it;
checksums.json holds the sha256 of each and is checked before anything is read.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import BertConfig, PreTrainedTokenizerFast

from models.errors import WeightsError
from models.network import Reader

FORMAT = 1
NETWORK, CONFIG, TOKENIZER, THRESHOLDS, SUMS = (
    "reader.safetensors",
    "config.json",
    "tokenizer.json",
    "thresholds.json",
    "checksums.json",
)
_RESTORE = "Restore it with `git checkout -- models/weights`, or train again as models/README.md says."


def load_base(folder: Path, dropout: float) -> tuple[Reader, PreTrainedTokenizerFast]:
    """A fresh reader on the base encoder that models.convert wrote (Hugging Face layout)."""
    config = BertConfig.from_json_file(str(folder / CONFIG))
    reader = Reader(config, dropout)
    missing, unknown = reader.encoder.load_state_dict(load_file(folder / "model.safetensors"), strict=False)
    if missing or unknown:
        raise WeightsError(f"{folder} is no base encoder of this shape: {[*missing, *unknown][:3]}.")
    return reader, load_tokenizer(folder)


def load_tokenizer(folder: Path) -> PreTrainedTokenizerFast:
    """The tokenizer of a folder, from its tokenizer.json alone."""
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_file=str(folder / TOKENIZER),
        bos_token="<s>",
        eos_token="</s>",
        unk_token="<unk>",
        pad_token="<pad>",
        cls_token="<s>",
        sep_token="</s>",
        mask_token="<mask>",
    )


def save_run(
    folder: Path,
    reader: Reader,
    average: Mapping[str, Tensor],
    tokenizer: PreTrainedTokenizerFast,
    record: Mapping[str, Any],
) -> None:
    """The averaged network in fp32, its config and the run record."""
    state = {
        name: average.get(name, value).detach().cpu().contiguous()
        for name, value in reader.state_dict().items()
    }
    save_file(state, folder / NETWORK)
    (folder / CONFIG).write_text(json.dumps(reader.config.to_dict(), indent=1), encoding="utf-8")
    tokenizer.backend_tokenizer.save(str(folder / TOKENIZER), pretty=False)
    (folder / "run.json").write_text(json.dumps(record, indent=1), encoding="utf-8")


def save_average(folder: Path, number: int, average: Mapping[str, Tensor]) -> None:
    """Keeps the moving average as it is after that many epochs."""
    state = {name: value.cpu().contiguous() for name, value in average.items()}
    save_file(state, folder / f"snapshot-{number}.safetensors")


def mean_average(folder: Path, numbers: Sequence[int]) -> dict[str, Tensor]:
    """The mean of kept moving averages."""
    kept = [load_file(folder / f"snapshot-{number}.safetensors") for number in numbers]
    return {name: torch.stack([one[name] for one in kept]).mean(0) for name in kept[0]}


def load_reader(folder: Path) -> Reader:
    """The network of a run's folder or of a packed one, ready for inference in fp32."""
    config = _config(folder)
    reader = Reader(config)
    try:
        reader.load_state_dict(unpack(load_file(folder / NETWORK)))
    except (OSError, SafetensorError, RuntimeError, KeyError) as error:
        raise WeightsError(
            f"{folder / NETWORK} cannot be used ({error.__class__.__name__}). {_RESTORE}"
        ) from error
    return reader.eval()


def _config(folder: Path) -> BertConfig:
    try:
        tree = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
        return BertConfig.from_dict(tree)
    except (OSError, ValueError) as error:
        raise WeightsError(
            f"{folder / CONFIG} cannot be used ({error.__class__.__name__}). {_RESTORE}"
        ) from error


def pack(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Matrices as int8 rows with scales, the rest as fp32; pads nothing, drops nothing."""
    packed: dict[str, Tensor] = {}
    for name, value in state.items():
        if value.ndim != 2 or value.shape[0] < 16:
            packed[name] = value.float().contiguous()
            continue
        scale = (value.float().abs().amax(1, keepdim=True) / 127).clamp(min=1e-8).half().float()
        packed[name] = (value.float() / scale).round().clamp(-127, 127).to(torch.int8)
        packed[f"{name}.scale"] = scale.squeeze(1).half()
    return packed


def unpack(packed: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The fp32 state of packed weights; unpacked ones pass through."""
    scales = {name.removesuffix(".scale"): value for name, value in packed.items() if name.endswith(".scale")}
    return {
        name: value.float() * scales[name].float().unsqueeze(1) if name in scales else value.float()
        for name, value in packed.items()
        if not name.endswith(".scale")
    }


def save_packed(folder: Path, run: Path, about: Mapping[str, Any], thresholds: Mapping[str, Any]) -> None:
    """Packs a run into the form we ship; `about` (name, version, languages) goes into config.json."""
    folder.mkdir(parents=True, exist_ok=True)
    save_file(pack(load_file(run / NETWORK)), folder / NETWORK, metadata={"format": "pt"})
    (folder / NETWORK).chmod(0o644)
    config = json.loads((run / CONFIG).read_text(encoding="utf-8"))
    _write(folder / CONFIG, {**config, "mainevahti": {"format": FORMAT, **about}})
    (folder / TOKENIZER).write_bytes((run / TOKENIZER).read_bytes())
    _write(folder / THRESHOLDS, thresholds)
    write_checksums(folder)


def write_checksums(folder: Path) -> None:
    """Records the sha256 of every shipped file."""
    _write(folder / SUMS, {name: _sha256(folder / name) for name in (NETWORK, CONFIG, TOKENIZER, THRESHOLDS)})


def check(folder: Path) -> None:
    """WeightsError naming the first file that is missing or differs from its checksum."""
    try:
        sums: dict[str, str] = json.loads((folder / SUMS).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise WeightsError(f"{folder / SUMS} is missing or damaged. {_RESTORE}") from error
    for name in (NETWORK, CONFIG, TOKENIZER, THRESHOLDS):
        if not (folder / name).is_file():
            raise WeightsError(f"{folder / name} is missing. {_RESTORE}")
        if _sha256(folder / name) != sums.get(name):
            raise WeightsError(f"{folder / name} is damaged: its checksum differs. {_RESTORE}")


def _sha256(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _write(path: Path, tree: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(tree, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

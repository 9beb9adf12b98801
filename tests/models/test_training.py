import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from models import storage, teacher
from models.calibrate import fit, raw_logits, targets_of, to_tree
from models.engine import TorchEngine
from models.mixing import without_copies
from models.posts import Example, PostsError, read_posts
from models.questions import Question
from models.settings import TrainSettingsError, read_settings
from models.teacher import blend, key
from models.train import train


@pytest.fixture(scope="module")
def run_folder(
    tiny_base: Path, tiny_corpus: Path, tiny_settings: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    folder = tmp_path_factory.mktemp("run")
    return train(read_settings(tiny_settings), tiny_base, tiny_corpus, tiny_corpus, folder, extra=None)


def test_train_lowers_the_loss_and_records_every_epoch(run_folder: Path) -> None:
    record = json.loads((run_folder / "run.json").read_text())
    first, second = record["epochs"]
    assert (first["epoch"], second["epoch"]) == (1, 2)
    assert second["loss"] < first["loss"]
    assert record["settings"]["seed"] == 5


def test_train_gives_the_same_weights_when_stopped_and_resumed(
    run_folder: Path, tiny_base: Path, tiny_corpus: Path, tiny_settings: Path, tmp_path: Path
) -> None:
    settings = read_settings(tiny_settings)
    for stop_after in (1, None):
        train(settings, tiny_base, tiny_corpus, tiny_corpus, tmp_path, extra=None, stop_after=stop_after)
    once = storage.load_reader(run_folder).state_dict()
    resumed = storage.load_reader(tmp_path).state_dict()
    assert all(torch.allclose(once[name], resumed[name], atol=1e-6) for name in once)


def test_train_ends_with_the_mean_of_the_snapshots(run_folder: Path) -> None:
    final = storage.load_reader(run_folder).state_dict()["queries"]
    kept = [storage.mean_average(run_folder, [number])["queries"] for number in (1, 2)]
    assert not torch.equal(*kept)
    assert torch.allclose(final, torch.stack(kept).mean(0))


def test_packed_weights_give_nearly_the_scores_of_the_run(
    run_folder: Path, tiny_corpus: Path, tmp_path: Path
) -> None:
    storage.save_packed(
        tmp_path, run_folder, {"name": "tiny", "version": "0"}, _thresholds(run_folder, tiny_corpus)
    )
    questions = [example.question for example in read_posts(tiny_corpus / "train.jsonl")]
    whole = TorchEngine.from_folder(run_folder, "fp32").logits(questions)
    packed = TorchEngine.from_folder(tmp_path, "fp32").logits(questions)
    again = TorchEngine.from_folder(tmp_path, "fp32").logits(questions)
    for one, other, repeated in zip(whole, packed, again, strict=True):
        assert np.allclose(one["stance"], other["stance"], atol=0.05)
        assert np.array_equal(other["stance"], repeated["stance"])


def _thresholds(run: Path, corpus: Path) -> dict[str, object]:
    dev = read_posts(corpus / "dev.jsonl")
    logits = raw_logits(TorchEngine.from_folder(run, "fp32"), dev)
    return to_tree(fit(logits, targets_of(dev), [example.lang for example in dev]))


def test_long_posts_and_batches_do_not_change_the_order(run_folder: Path) -> None:
    engine = TorchEngine.from_folder(run_folder, "fp32")
    questions = [Question("paketti ei tule " * times, "Lyktan") for times in (1, 300, 2, 90)]
    together = engine.logits(questions)
    alone = [engine.logits([one])[0] for one in questions]
    assert all(np.allclose(a["stance"], b["stance"], atol=1e-4) for a, b in zip(together, alone, strict=True))


def test_pack_keeps_small_and_one_dimensional_tensors_as_they_are() -> None:
    state = {"norm": torch.randn(5), "head": torch.randn(3, 8), "matrix": torch.randn(32, 8)}
    back = storage.unpack(storage.pack(state))
    assert torch.equal(back["norm"], state["norm"])
    assert torch.equal(back["head"], state["head"])
    assert torch.allclose(back["matrix"], state["matrix"], atol=0.03)


def test_without_copies_drops_near_duplicates_of_held_out_posts() -> None:
    held_out = [_example("Paketti ei ole tullut vieläkään, kukaan ei vastaa!")]
    train_posts = [
        _example("paketti ei ole tullut vieläkään... kukaan ei vastaa"),
        _example("Kaikki meni hyvin."),
    ]
    kept = without_copies(train_posts, held_out)
    assert [one.question.text for one in kept] == ["Kaikki meni hyvin."]


def test_teacher_writes_opinions_that_training_can_blend(
    run_folder: Path, tiny_corpus: Path, tmp_path: Path
) -> None:
    out = tmp_path / "opinions.jsonl"
    teacher.main([str(run_folder), str(run_folder), "--corpus", str(tiny_corpus), "--out", str(out)])
    examples = read_posts(tiny_corpus / "train.jsonl")
    for before, after in zip(examples, blend(examples, out, 0.5), strict=True):
        assert sum(after.targets["stance"]) == pytest.approx(1.0)
        assert after.targets["stance"] != before.targets["stance"]
        assert after.stance == before.stance


def test_blend_moves_targets_towards_the_teachers(tmp_path: Path) -> None:
    example = _example("Hei")
    opinions = tmp_path / "opinions.jsonl"
    row = {"key": key(example), "targets": {"stance": [0.0, 1.0, 0.0]}}
    opinions.write_text(json.dumps(row) + "\n", encoding="utf-8")
    (mixed,) = blend([example], opinions, 0.25)
    assert mixed.targets["stance"] == pytest.approx((0.75, 0.25, 0.0))


def test_read_posts_names_file_and_line_of_a_broken_one(tmp_path: Path) -> None:
    path = tmp_path / "posts.jsonl"
    path.write_text('{"text": "hei"}\n', encoding="utf-8")
    with pytest.raises(PostsError, match=r"posts\.jsonl:1"):
        read_posts(path)


def test_read_settings_names_an_unknown_key(tiny_settings: Path, tmp_path: Path) -> None:
    path = tmp_path / "train.toml"
    shutil.copy(tiny_settings, path)
    path.write_text("colour = 1\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(TrainSettingsError, match="colour"):
        read_settings(path)


def _example(text: str) -> Example:
    return Example(Question(text, "Lyktan"), {"stance": (1.0, 0.0, 0.0)}, "forum")

import json
import subprocess
import sys
from pathlib import Path

import pytest

from models import storage
from models.sentiment import Question, SentimentModel, WeightsError, load


@pytest.fixture(scope="module")
def packed(tiny_base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Untrained tiny weights in the form we ship."""
    run, folder = tmp_path_factory.mktemp("run"), tmp_path_factory.mktemp("packed")
    reader, tokenizer = storage.load_base(tiny_base, 0.0)
    storage.save_run(run, reader, {}, tokenizer, {})
    scale = {"slope": 1.0, "shifts": []}
    thresholds = {
        "scales": {"stance": scale},
        "topic": 0.5,
        "critical": 0.4,
        "needs_reply": 0.5,
        "negative_above": {"fi": 0.6, "sv": 0.6, "en": 0.7},
    }
    storage.save_packed(
        folder, run, {"name": "tiny", "version": "7", "languages": ["fi", "sv", "en"]}, thresholds
    )
    return folder


@pytest.fixture(scope="module")
def model(packed: Path) -> SentimentModel:
    return load(packed)


def test_importing_the_door_imports_no_torch() -> None:
    code = "import sys, models.sentiment, models.questions; print('torch' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"


def test_load_tells_name_languages_and_borders(model: SentimentModel) -> None:
    assert model.name == "tiny-7"
    assert model.languages == ("fi", "sv", "en")
    assert model.thresholds["negative_above"] == {"fi": 0.6, "sv": 0.6, "en": 0.7}


def test_predict_answers_every_head(model: SentimentModel) -> None:
    (answer,) = model.predict([Question("Paketti ei tullut", "Lyktan")])
    assert sum(answer.sentiment.values()) == pytest.approx(1.0, abs=1e-5)
    assert answer.label == max(answer.sentiment, key=answer.sentiment.__getitem__)
    assert len(answer.topics) == 11
    assert answer.urgency in answer.urgency_scores
    assert answer.needs_reply is not None
    assert answer.about_shop is not None
    assert answer.not_scored is None


BAD_TEXTS = {
    "empty": "",
    "spaces": " \n\t ",
    "control": "\x00\x01\x1b[31m",
    "surrogate": "\ud83d rikki \udc00",
    "emoji": "😡😡😡",
    "cyrillic": "Посылка так и не пришла, никто не отвечает",
    "chinese": "包裹没有到",
    "long": "paketti ei tule " * 3200,
    "one word": "x" * 50_000,
    "mixed": "Otterly är bra mutta никогда не again",
    "zero width": "\u200b\u200b",
    "rtl": "\u202eabc",
}


def test_predict_survives_bad_rows_and_scores_the_good_ones(model: SentimentModel) -> None:
    good = Question("Paketti ei tullut", "Lyktan")
    (alone,) = model.predict([good])
    answers = model.predict([good, *(Question(text, "Lyktan") for text in BAD_TEXTS.values()), good])
    assert answers[0].sentiment == pytest.approx(alone.sentiment, abs=0.02)
    assert answers[-1].sentiment == pytest.approx(alone.sentiment, abs=0.02)
    assert all(bool(answer.sentiment) != bool(answer.not_scored) for answer in answers)


@pytest.mark.parametrize("name", ["empty", "spaces", "cyrillic", "chinese", "zero width"])
def test_predict_says_why_a_post_is_not_scored(model: SentimentModel, name: str) -> None:
    (answer,) = model.predict([Question(BAD_TEXTS[name], "Lyktan")])
    assert answer.not_scored
    assert answer.label is None


@pytest.mark.parametrize("name", ["emoji", "long", "one word", "surrogate", "mixed"])
def test_predict_scores_odd_posts(model: SentimentModel, name: str) -> None:
    (answer,) = model.predict([Question(BAD_TEXTS[name], "Lyktan")])
    assert answer.not_scored is None


def test_predict_refuses_languages_it_was_not_trained_on(model: SentimentModel) -> None:
    refused, scored = model.predict(
        [Question("Das Paket kam nie an", "Lyktan", lang="de"), Question("Paketet kom", "Lyktan", lang="sv")]
    )
    assert refused.not_scored is not None
    assert "de" in refused.not_scored
    assert scored.not_scored is None


def test_predict_of_nothing_is_nothing(model: SentimentModel) -> None:
    assert model.predict([]) == []


def test_predict_bears_odd_shop_names(model: SentimentModel) -> None:
    shops = ("", " ", "[", "(((", "\\", "a", "&", "😀", "x" * 5000, "\ud800")
    answers = model.predict([Question("Hei (Lyktan) [x", shop, shop, shop, (shop,)) for shop in shops])
    assert all(answer.sentiment for answer in answers)


def test_explain_gives_phrases_of_the_post_strongest_first(model: SentimentModel) -> None:
    text = "Paketti Mustikkapuodista ei ole tullut ja asiakaspalvelu ei vastaa"
    moves = model.explain(Question(text, "Mustikkapuoti"))
    falls = [fall for _, fall in moves]
    assert falls == sorted(falls, reverse=True)
    assert all(phrase in text for phrase, _ in moves)
    assert model.explain(Question("", "Lyktan")) == []


@pytest.mark.parametrize("name", ["reader.safetensors", "config.json", "tokenizer.json", "thresholds.json"])
def test_load_names_the_file_that_is_missing_or_damaged(packed: Path, tmp_path: Path, name: str) -> None:
    for one in packed.iterdir():
        (tmp_path / one.name).write_bytes(one.read_bytes())
    raw = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(raw[:-7])
    with pytest.raises(WeightsError, match=rf"{name} is damaged.*git checkout"):
        load(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(WeightsError, match=rf"{name} is missing"):
        load(tmp_path)


def test_load_names_the_checksums_when_they_are_gone(packed: Path, tmp_path: Path) -> None:
    (tmp_path / "reader.safetensors").write_bytes((packed / "reader.safetensors").read_bytes())
    with pytest.raises(WeightsError, match=r"checksums\.json"):
        load(tmp_path)


def test_load_refuses_thresholds_of_another_shape(packed: Path, tmp_path: Path) -> None:
    for one in packed.iterdir():
        (tmp_path / one.name).write_bytes(one.read_bytes())
    (tmp_path / "thresholds.json").write_text(json.dumps({"topic": 1}), encoding="utf-8")
    storage.write_checksums(tmp_path)
    with pytest.raises(WeightsError, match=r"thresholds\.json"):
        load(tmp_path)

from pathlib import Path

import pytest
from transformers import BertConfig, BertForSequenceClassification

from models.foreign import stance_of
from models.sentiment import Question, WeightsError, load
from models.storage import load_tokenizer


@pytest.fixture(scope="module")
def foreign(tiny_base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Hugging Face classifier folder as anybody may have one."""
    folder = tmp_path_factory.mktemp("foreign")
    config = BertConfig.from_json_file(str(tiny_base / "config.json"))
    config.id2label = {0: "Positive", 1: "Negative", 2: "Neutral"}
    config.label2id = {name: place for place, name in config.id2label.items()}
    BertForSequenceClassification(config).save_pretrained(folder)
    load_tokenizer(tiny_base).save_pretrained(folder)
    return folder


def test_load_takes_any_classifier_and_leaves_other_heads_unknown(foreign: Path) -> None:
    model = load(foreign)
    (answer, refused) = model.predict(
        [Question("Paketti ei tullut", "Lyktan", lang="fi"), Question("", "Lyktan")]
    )
    assert model.name == str(foreign)
    assert model.languages == ()
    assert sum(answer.sentiment.values()) == pytest.approx(1.0, abs=1e-4)
    assert (answer.topics, answer.urgency_scores, answer.needs_reply, answer.about_shop) == (
        {},
        {},
        None,
        None,
    )
    assert answer.urgency == "none"
    assert refused.not_scored


def test_load_says_so_when_there_is_no_such_model(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="neither a folder nor an id"):
        load(tmp_path / "nothing")


@pytest.mark.parametrize(
    ("labels", "places"),
    [
        ({0: "negative", 1: "neutral", 2: "positive"}, [0, 1, 2]),
        ({0: "POS", 1: "NEG"}, [2, 0]),
        ({0: "LABEL_0", 1: "LABEL_1", 2: "LABEL_2"}, [0, 1, 2]),
        ({place: f"{place + 1} stars" for place in range(5)}, [0, 0, 1, 2, 2]),
    ],
)
def test_stance_of_reads_the_usual_label_names(labels: dict[int, str], places: list[int]) -> None:
    assert stance_of(labels, "somebody/model") == places


def test_stance_of_refuses_labels_that_say_nothing() -> None:
    with pytest.raises(WeightsError, match="cats"):
        stance_of({0: "cats", 1: "dogs"}, "somebody/model")

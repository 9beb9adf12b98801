"""Quality: posts of last week are judged one by one, without knowing what the model said, and give marks."""

from sqlmodel import select

from monitor.store.tables import Label
from tests.dashboard.conftest import shown


def _waiting(at):
    return at.button(key="judge-negative")


def test_a_post_is_judged_and_the_next_one_comes(place, visit):
    at = visit("quality", who="Maija")
    told = shown(at)
    assert "How does the writer feel about" in told
    assert "The model had said" not in told
    before = told
    _waiting(at).click()
    told = shown(at.run())
    assert told != before
    assert "You said: negative. The model had said:" in told
    with place.store.reading() as session:
        labels = session.execute(select(Label)).scalars().all()
    assert [(label.field, label.value, label.who) for label in labels] == [("sentiment", "negative", "Maija")]


def test_judged_posts_give_marks_by_language(place, visit):
    at = visit("quality", who="Maija")
    assert "Nobody has judged anything yet." in shown(at)
    while any(button.key == "judge-neutral" for button in at.button):
        at.button(key="judge-neutral").click()
        at.run()
    assert "All judged." in shown(at)
    (table,) = at.table
    rows = table.value
    assert rows["Language"].iloc[0] == "All"
    assert (
        int(rows["Judged"].iloc[0].split()[0]) == sum(int(n.split()[0]) for n in rows["Judged"].iloc[1:]) > 1
    )
    assert rows["Found of the negative ones"].iloc[0] == "–"


def test_an_empty_store_says_when_there_is_something_to_do(bare, visit):
    told = shown(visit("quality"))
    assert "Nothing was scored in that week." in told
    assert "Nobody has judged anything yet." in told


def test_a_search_is_saved_opened_again_and_forgotten(place, visit):
    at = visit("mentions", who="Maija", q="torkkupeiton", stance="negative")
    at.text_input(key="search-name").set_value("Peitot")
    at.button(key="FormSubmitter:save-search-Save").click()
    at.run()
    fresh = visit("mentions", who="Maija")
    assert "1 mention" not in shown(fresh)
    fresh.button(key="open-1").click()
    told = shown(fresh.run())
    assert "1 mention" in told
    assert fresh.query_params["q"] in ("torkkupeiton", ["torkkupeiton"])
    fresh.button(key="forget-1").click()
    fresh.run()
    assert not any(button.key == "open-1" for button in fresh.button)

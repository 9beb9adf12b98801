"""Every page opens in every language, says what it is about, and does not crash on an empty store."""

import pytest

from tests.dashboard.conftest import shown

PAGES = ("inbox", "mentions", "trends", "sources", "settings")
TITLES = {
    "fi": ("Saapuneet", "Maininnat", "Kehitys", "Lähteet", "Asetukset"),
    "sv": ("Inkorg", "Omnämnanden", "Utveckling", "Källor", "Inställningar"),
    "en": ("Inbox", "Mentions", "Trends", "Sources", "Settings"),
}


@pytest.mark.parametrize("language", TITLES)
@pytest.mark.parametrize("page", PAGES)
def test_page_opens_in_each_language(place, visit, page, language):
    at = visit(page, lang=language)
    assert f'<h1 class="mv-title">{TITLES[language][PAGES.index(page)]}</h1>' in shown(at)


@pytest.mark.parametrize("page", PAGES)
def test_page_opens_on_an_empty_store(bare, visit, page):
    assert '<h1 class="mv-title">' in shown(visit(page))


def test_inbox_of_a_first_start_says_that_alerts_will_come(bare, visit):
    assert "The sources are being read for the first time." in shown(visit())


def test_inbox_says_what_to_do_when_nothing_waits(place, visit):
    told = shown(visit(view="snoozed"))
    assert "Nothing is snoozed." in told
    assert "comes back by itself" in told


def test_unknown_language_in_the_address_falls_back(place, visit):
    assert '<h1 class="mv-title">Inbox</h1>' in shown(visit(lang="xx"))


def test_banner_tells_of_a_troubled_source_and_unsent_mail_on_every_page(place, visit):
    for page in PAGES:
        told = shown(visit(page))
        assert "A source does not work as it should: kotiblogi." in told
        assert "1 mail did not go out." in told


def test_mistakes_in_the_configuration_are_told_one_by_one(bare, visit):
    path = bare.folder / "config.toml"
    path.write_text('language = "xx"\nshops = []\ncolour = 1\n', encoding="utf-8")
    at = visit()
    assert not at.exception
    told = at.error[0].value
    assert "language" in told
    assert "colour" in told


def test_locked_out_database_is_told_with_its_remedy(place, visit):
    place.store.close()
    for path in place.folder.glob("store.db*"):
        path.unlink()
    (place.folder / "store.db").write_bytes(b"this is not a database, only a file of that name" * 40)
    at = visit()
    assert not at.exception
    assert "Restore it from a backup" in at.error[0].value


def test_without_a_password_the_page_says_who_can_reach_it(bare, visit):
    assert "on this machine only (127.0.0.1)" in shown(visit())


def test_sources_show_failure_in_its_own_words_and_mails_not_sent(place, visit):
    told = shown(visit("sources"))
    assert "kotiblogi answered 503 (Service Unavailable)" in told
    assert "mail.example refused the address (450 mailbox busy)." in told
    assert "Post 4711 has no text." in told


def test_settings_show_shops_and_no_secret(place, visit):
    told = shown(visit("settings"))
    assert "Kotihelmi" in told
    assert "maija@lumopuoti.example" in told

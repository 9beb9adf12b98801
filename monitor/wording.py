"""What the service says to people, in their language: gettext catalogues, times and numbers.

A message id is the English sentence; a sentence that has no translation is shown in English.
Catalogues are .po files, read as they are; there is nothing to compile.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

from babel import Locale
from babel.dates import format_skeleton, format_time
from babel.lists import format_list
from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent
from babel.units import format_unit

LOCALE_FOLDER = Path(__file__).parent / "locale"
_BLANK = re.compile(r"\{(\w+)\}")
# English as it is written in Europe: 24-hour clock, day before month.
_LOCALES = {"fi": "fi_FI", "sv": "sv_FI", "en": "en_GB"}

Translations = Mapping[str, tuple[str, ...]]


def N_(msgid: str) -> str:
    """Mark a sentence that is translated later, when its reader is known."""
    return msgid


@dataclass(frozen=True)
class Wording:
    """One language. `translations` maps a message id to its forms: (one,) or (one, many)."""

    language: str
    translations: Translations
    locale: Locale

    def say(self, msgid: str, /, **values: object) -> str:
        """Translate a sentence and fill its {blanks}; a value is never read as a format again."""
        return _fill(self.translations.get(msgid, (msgid,))[0], values)

    def say_many(self, singular: str, plural: str, n: int, /, **values: object) -> str:
        """Translate a sentence that depends on a number, which fills the blank {n}."""
        form = 0 if self.locale.plural_form(n) == "one" else 1
        forms = self.translations.get(singular, (singular, plural))
        return _fill(forms[min(form, len(forms) - 1)], {"n": self.number(n), **values})

    def clock(self, moment: datetime, zone: tzinfo) -> str:
        """Time of day: 14.02 in Finnish, 14:02 in Swedish and English."""
        return format_time(moment, "short", tzinfo=zone, locale=self.locale)

    def day(self, moment: datetime, zone: tzinfo, *, year: bool = False) -> str:
        """Weekday and date, such as Tue 24 Nov."""
        return format_skeleton("yMMMEd" if year else "MMMEd", moment, tzinfo=zone, locale=self.locale)

    def moment(self, moment: datetime, zone: tzinfo, *, year: bool = False) -> str:
        """Day and time of day in one."""
        return self.say(
            "{day} at {clock}", day=self.day(moment, zone, year=year), clock=self.clock(moment, zone)
        )

    def duration(self, length: timedelta) -> str:
        """Length of time in its two largest units, without a sign: 2 h 15 min."""
        minutes = round(abs(length).total_seconds() / 60)
        parts = [(minutes // 1440, "day"), (minutes // 60 % 24, "hour"), (minutes % 60, "minute")]
        largest = next((place for place, (number, _) in enumerate(parts) if number), len(parts) - 1)
        told = [self._unit(*part) for part in parts[largest : largest + 2] if part[0]]
        return " ".join(told) or self._unit(0, "minute")

    def _unit(self, number: int, unit: str) -> str:
        return format_unit(number, f"duration-{unit}", "short", locale=self.locale)

    def number(self, value: float) -> str:
        """Number with the reader's separators."""
        return format_decimal(value, locale=self.locale)

    def percent(self, share: float) -> str:
        """Share of one as whole per cent."""
        return format_percent(share, locale=self.locale)

    def listing(self, parts: list[str]) -> str:
        """Join words: a, b and c."""
        return format_list(parts, locale=self.locale)


def load_wording(language: str, *folders: Path) -> Wording:
    """Read every catalogue of a language below the folders (our own where none is named).

    `folder/<language>/*.po` are merged. English needs no catalogue.
    """
    translations: dict[str, tuple[str, ...]] = {}
    for folder in folders or (LOCALE_FOLDER,):
        for path in sorted((folder / language).glob("*.po")):
            translations.update(_read(path, language))
    return Wording(language, translations, Locale.parse(_LOCALES[language]))


def _read(path: Path, language: str) -> dict[str, tuple[str, ...]]:
    with path.open("rb") as file:
        catalogue = read_po(file, locale=language)
    return {_id(message): _forms(message) for message in catalogue if message.id and any(_forms(message))}


def _id(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _forms(message: Message) -> tuple[str, ...]:
    string = message.string
    return (string,) if isinstance(string, str) else tuple(string or ())


def _fill(sentence: str, values: Mapping[str, object]) -> str:
    return _BLANK.sub(lambda blank: str(values.get(blank[1], blank[0])), sentence)

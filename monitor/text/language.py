"""Which language a post is written in, said only where it is clear.

A post wrongly called foreign is not scored at all, so doubt means "I do not know".
Measured on the labelled corpus: see tests/unit/test_text_language.py.
"""

import re
from collections.abc import Mapping

_HOME = ("fi", "sv", "en")
_FOREIGN = ("no", "nn", "da", "is", "et", "lv", "lt", "ru", "uk", "de", "es", "fr", "pl", "nl", "it")
_FAR = ("pt", "tr", "ar", "zh", "ja")
_NORDIC = ("no", "nn", "da")
_NEAR = (*_NORDIC, "et")  # so near to Swedish or Finnish that dialect and typing look like them
_NOT_PROSE = re.compile(
    r"(?:https?://|www\.)\S+|[@#]\S+|^>.*$|\S+\.(?:fi|se|com|net|org)\b", re.IGNORECASE | re.MULTILINE
)
_LOOK_AT = 2_000


class LanguageDetector:
    """Built once by the app (80 MB, half a second); safe to use from several threads."""

    def __init__(self) -> None:
        from py3langid.langid import MODEL_FILE, LanguageIdentifier  # type: ignore[import-untyped]

        self._identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
        self._identifier.set_languages([*_HOME, *_FOREIGN, *_FAR])

    def detect(self, text: str, hint: str | None = None) -> str | None:
        """Return an ISO 639-1 code, or `hint` (what the source says) where the text leaves doubt."""
        prose = _NOT_PROSE.sub(" ", text[:_LOOK_AT])
        letters = sum(char.isalpha() for char in prose)
        if letters < 8:
            return hint
        chances = {str(code): float(chance) for code, chance in self._identifier.rank(prose)}
        language = max(chances, key=chances.__getitem__)
        if language in _HOME:
            return language if chances[language] >= 0.5 else hint
        return _two_letters(language) if _clearly_foreign(language, chances, letters) else hint


def _clearly_foreign(language: str, chances: Mapping[str, float], letters: int) -> bool:
    """Say whether enough letters speak clearly; Danish and Norwegian are weighed together."""
    group = _NORDIC if language in _NORDIC else (language,)
    certainty = sum(chances[code] for code in group)
    return certainty >= 0.97 and letters >= 60 if language in _NEAR else certainty >= 0.95 and letters >= 30


def _two_letters(language: str) -> str:
    return "no" if language == "nn" else language

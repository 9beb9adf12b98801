"""Strangers' text made harmless and comparable: HTML, lines, addresses, fingerprints, charsets, language.

Nothing here knows a source or a shop, opens a connection or reads the clock.
"""

from monitor.text.addresses import canonical_url, safe_url
from monitor.text.charsets import declared_charset, decode
from monitor.text.cleaning import LINE_LIMIT, TEXT_LIMIT, clean, clean_line, fingerprint, fold
from monitor.text.language import LanguageDetector
from monitor.text.likeness import likeness
from monitor.text.markup import MARKUP_LIMIT, html_to_line, html_to_text

__all__ = [
    "LINE_LIMIT",
    "MARKUP_LIMIT",
    "TEXT_LIMIT",
    "LanguageDetector",
    "canonical_url",
    "clean",
    "clean_line",
    "declared_charset",
    "decode",
    "fingerprint",
    "fold",
    "html_to_line",
    "html_to_text",
    "likeness",
    "safe_url",
]

"""Bytes to text, whatever their sender says about them."""

import codecs
import re

_DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9._:-]{2,40})""", re.IGNORECASE)
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CHARSETS = (
    "utf-8",
    "utf-16",
    "iso8859-",
    "cp",
    "koi8",
    "mac-",
    "gb",
    "big5",
    "euc_",
    "shift_jis",
    "iso2022_jp",
)


def decode(raw: bytes, declared: str | None = None) -> str:
    """Return bytes as text; never fails.

    A byte order mark wins; then UTF-8 where the bytes are valid UTF-8 (text in an old charset hardly
    ever is); then what the header (`declared`) or the first bytes say; then Windows-1252, which
    holds ISO-8859-1.
    """
    for mark, charset in _MARKS:
        if raw.startswith(mark):
            return raw.decode(charset, "replace")
    for name in ("utf-8", declared, declared_charset(raw)):
        text = _decoded(raw, name)
        if text is not None:
            return text
    return raw.decode("cp1252", "replace")


def declared_charset(raw: bytes) -> str | None:
    """Return the charset that an XML declaration or an HTML meta tag names, if any."""
    found = _DECLARED.search(raw[:2048])
    return found.group(1).decode("ascii") if found else None


def _decoded(raw: bytes, name: str | None) -> str | None:
    try:
        charset = codecs.lookup(name).name if name else ""
        if charset == "iso8859-1" or not charset.startswith(_CHARSETS):
            return None
        return raw.decode(charset)
    except (LookupError, ValueError):
        return None

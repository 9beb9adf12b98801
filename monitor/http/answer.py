"""What came back: bytes within the size limit, read as text or JSON on demand."""

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from monitor.errors import SourceBroken, SourceBusy, SourceDeaf
from monitor.text import decode

_PAGE_STARTS = (b"<!doctype html", b"<html", b"<head", b"<body")
_STEP = 65_536


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of a server.

    `url` is where it came from after redirects. `validators` are the headers to send next time, so
    that the server may answer "not modified"; a source keeps them in its cursor.
    """

    status: int
    url: str
    headers: Mapping[str, str]
    content: bytes
    validators: Mapping[str, str]

    @property
    def not_modified(self) -> bool:
        return self.status == 304

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or "the server"

    @property
    def is_page(self) -> bool:
        """Whether this is a web page, whatever its header says."""
        return self.content.lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower().startswith(_PAGE_STARTS)

    @property
    def charset(self) -> str | None:
        """The charset that the header names, if any."""
        _, _, rest = self.headers.get("content-type", "").lower().partition("charset=")
        return rest.split(";")[0].strip(" \"'") or None

    def text(self) -> str:
        """Return the content as text; monitor.text.decode says how the charset is found."""
        return decode(self.content, self.charset)

    def json(self) -> Any:
        """Return the content as JSON; SourceBroken when it is something else."""
        try:
            return json.loads(self.text(), parse_constant=lambda name: None)
        except (ValueError, RecursionError):
            raise self._not_json() from None

    def _not_json(self) -> SourceBroken:
        if self.is_page:
            return SourceDeaf(
                f"{self.host} answered with a web page instead of JSON: a login, a captcha or an error page. "
                "Open the address in a browser and look what it shows."
            )
        return SourceBroken(f"{self.host} answered with something that is not JSON, or with half of it.")


def inflated(chunks: Iterable[bytes], encoding: str, host: str) -> Iterator[bytes]:
    """Undo the compression of an answer in steps of 64 kB, so that no bomb gets to unfold."""
    if encoding in ("", "identity"):
        yield from chunks
        return
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise SourceBroken(f"{host} packed its answer in a way we did not ask for.")
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32)
    has_begun = False
    try:
        for chunk in chunks:
            has_begun = has_begun or bool(chunk)
            while chunk:
                yield unpacker.decompress(chunk, _STEP)
                chunk = unpacker.unconsumed_tail
        yield unpacker.flush()
    except zlib.error:
        raise SourceBroken(f"{host} sent a compressed answer that is damaged.") from None
    if has_begun and not unpacker.eof:
        raise SourceBusy(f"{host} broke off its answer.")

"""Looks at one shop's site and says what keeps customers from reaching it, each with its remedy."""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urljoin, urlsplit

from protego import Protego

from monitor.clock import Clock
from monitor.errors import SourceBroken, SourceError
from monitor.http import Http
from monitor.http.tls import Certificate, read_certificate
from monitor.reachability import sentences
from monitor.reachability.businessid import is_right
from monitor.reachability.reading import Link, Page
from monitor.reachability.words import CONTACT, DELIVERY, RETURNS, TERMS
from monitor.store.sites import Finding

_NAME = "Mainevahti"
_LONGEST_PAGE = 4 * 2**20
_REFUSED = re.compile(r"\((?:401|403|451)\)|proof that we are human")
_MOST_TERMS = 2


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen: the address that answered in the end, and what is wrong; nothing when all is well."""

    site: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class SiteChecker:
    """Reads sites through the service's own client, by the rules of their robots.txt.

    A certificate that ends within `certificate_days` is told.
    """

    http: Http
    clock: Clock
    certificate_days: int = 21
    allow_private: bool = False

    def look(self, site: str) -> Look:
        """Look at a site; what is wrong with it never raises."""
        rules = self._rules(site)
        certificate = list(self._certificate(site))
        if any(one.is_grave for one in certificate):
            return Look(site, tuple(certificate))  # browsers do not open it either
        if not rules.can_fetch(site, _NAME):
            return Look(site, (*certificate, sentences.closed_to_programs(site)))
        try:
            front = self._page(site)
        except SourceError as error:
            return Look(site, (*certificate, _why(site, error)))
        if _origin(front.url) != _origin(site):
            certificate += self._certificate(front.url)
        return Look(front.url, (*certificate, *self._of_pages(front, rules)))

    def _of_pages(self, front: Page, rules: Protego) -> Iterator[Finding]:
        if not front.url.startswith("https:"):
            yield sentences.no_https(front.url)
        if front.is_empty:
            yield sentences.needs_scripts(front.url)
            return
        link = contact_link(front)
        pages = [front]
        if link is None:
            yield sentences.no_contact_link(front.url)
        else:
            try:
                pages += [self._page(link.url)] if self._may_read(link, front, rules) else []
            except SourceError as error:
                yield sentences.broken_contact(link.url, str(error))
        yield from _ways_to_reach(pages)
        yield from self._terms(pages, rules)

    def _terms(self, pages: list[Page], rules: Protego) -> Iterator[Finding]:
        """Whether delivery and returns are linked; a page of terms may hold both."""
        links = [link for page in pages for link in page.links]
        missing = [pattern for pattern in (DELIVERY, RETURNS) if not any(one.says(pattern) for one in links)]
        terms = [link for link in links if link.says(TERMS)][:_MOST_TERMS]
        for link in terms if missing else ():
            with suppress(SourceError):
                if self._may_read(link, pages[0], rules):
                    page = self._page(link.url)
                    missing = [pattern for pattern in missing if not page.mentions(pattern)]
        yield from (sentences.no_terms(pages[0].url, is_returns=one is RETURNS) for one in missing)

    def _may_read(self, link: Link, front: Page, rules: Protego) -> bool:
        return _is_same_site(link.url, front.url) and bool(rules.can_fetch(link.url, _NAME))

    def _page(self, url: str) -> Page:
        answer = self.http.get(url, max_bytes=_LONGEST_PAGE, allow_private=self.allow_private)
        if not answer.content.strip():
            raise SourceBroken(f"{answer.host} answered with an empty page.")
        return Page(answer)

    def _rules(self, site: str) -> Protego:
        """The site's robots.txt; where there is none to be had, the shop's own pages may be read."""
        try:
            answer = self.http.get(urljoin(site, "/robots.txt"), allow_private=self.allow_private)
        except SourceError:
            return Protego.parse("")
        return Protego.parse("" if answer.is_page else answer.text())

    def _certificate(self, site: str) -> Iterator[Finding]:
        parts = urlsplit(site)
        if parts.scheme != "https":
            return
        try:
            seen = read_certificate(
                parts.hostname or "",
                parts.port or 443,
                allow_private=self.allow_private,
            )
        except SourceError:
            return  # that nothing answers is told already
        yield from self._of_certificate(site, seen)

    def _of_certificate(self, site: str, seen: Certificate) -> Iterator[Finding]:
        left = seen.ends_at - self.clock.now() if seen.ends_at else None
        if seen.is_expired:
            yield sentences.expired_certificate(site)
        elif not seen.is_trusted:
            yield sentences.untrusted_certificate(site)
        if left is not None and timedelta(0) <= left < timedelta(days=self.certificate_days):
            yield sentences.old_certificate(site, left.days)


def contact_link(page: Page) -> Link | None:
    """The likeliest link to a contact page; None where there is none."""
    found = (link for pattern in CONTACT for link in page.links if link.says(pattern))
    return next(found, None)


def _ways_to_reach(pages: list[Page]) -> Iterator[Finding]:
    site = pages[-1].url
    wanted: tuple[tuple[Callable[[Page], bool], Finding], ...] = (
        (lambda page: page.has_phone, sentences.no_phone(site)),
        (lambda page: page.has_mail, sentences.no_mail(site)),
        (lambda page: page.has_hours, sentences.no_hours(site)),
    )
    for has, finding in wanted:
        if not any(has(page) for page in pages):
            yield finding
    ids = [one for page in pages for one in page.business_ids]
    if not ids:
        yield sentences.no_business_id(site)
    elif not any(is_right(one) for one in ids):
        yield sentences.wrong_business_id(site, ids[0])


def _why(site: str, error: SourceError) -> Finding:
    """A site that turns programs away may be well for people; that is not the same as being down."""
    if _REFUSED.search(str(error)):
        return sentences.closed_to_programs(site)
    return sentences.unreachable(site, str(error))


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()


def _is_same_site(url: str, front: str) -> bool:
    host, home = urlsplit(url).hostname or "", (urlsplit(front).hostname or "").removeprefix("www.")
    return host == home or host.endswith(f".{home}")

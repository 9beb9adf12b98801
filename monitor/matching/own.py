"""Whether a host or a handle is the shop's own."""

import re

from monitor.domain import Shop
from monitor.matching.clean import fold, plain

_HANDLE_ENDS = re.compile(
    r"(?:fi|fin|finland|finlandia|suomi|sverige|se|sweden|nordic|com|eu|net|official|virallinen|oy|ab|oyab|shop|store"
    r"|kauppa|verkkokauppa|outlet|aspa|asiakaspalvelu|support|care|help|online|app|team|brand|co|group|market|pets?|kids|home|living|outdoors?"
    r"|beauty|fashion|design|clothing|wear|garden|tools|sports?|music|games|books|foods?|coffee|studio|gym|energia|korut?"
    r"|vaatteet|kengat|taimet|pelit|kirjat|koti|ruoka)?\Z"
)


LIKELY, COPY = 0.95, 0.7


def ownership(host: str, shop: Shop) -> float:
    """How surely a host means the shop: 1.0 for a domain of it or one under it; less for its name with a
    top level, and least when the shop has told other domains (a copy of it, perhaps); 0.0 for all others."""
    for domain in shop.domains:
        bare = domain.strip().lower().removeprefix("www.")
        if bare and (host == bare or host.endswith("." + bare)):
            return 1.0
    labels = host.removeprefix("www.").split(".")
    if len(labels) != 2:
        return 0.0
    if squeeze(labels[0]) in slugs(shop) or squeeze(host) in slugs(shop):
        return COPY if shop.domains else LIKELY
    return 0.0


def names_handle(written: str, shop: Shop) -> bool:
    """Whether a handle (@name or @name@host) is one of the shop's, or its name with a usual ending."""
    local = squeeze(written.lstrip("@").partition("@")[0])
    if any(local == squeeze(handle.lstrip("@").partition("@")[0]) for handle in shop.handles):
        return True
    return any(local.startswith(own) and _HANDLE_ENDS.match(local[len(own) :]) for own in slugs(shop))


def slugs(shop: Shop) -> set[str]:
    """The shop's names as addresses spell them: no spaces, no diacritics, "&" as and, ja, och or nothing."""
    found: set[str] = set()
    for name in (shop.name, *shop.aliases):
        found |= {squeeze(re.sub(r"[&+]", joint, name)) for joint in ("", "and", "ja", "och", "o", "n")}
        found.add(squeeze(re.sub(r"\.\w{2,5}\Z", "", name.strip())))
    return {slug for slug in found if len(slug) > 2}


def squeeze(text: str) -> str:
    """Folded, with nothing but letters and digits."""
    return fold(plain(text).text).replace(" ", "")

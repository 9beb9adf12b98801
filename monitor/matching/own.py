"""Whether a host or a handle is the shop's own."""

import re

from monitor.domain import Shop
from monitor.matching.clean import fold, plain

_HANDLE_ENDS = re.compile(
    r"(?:fi|fin|finland|finlandia|suomi|sverige|se|sweden|nordic|com|eu|net|official|virallinen|oy|ab|oyab|shop|store"
    r"|kauppa|verkkokauppa|outlet|aspa|asiakaspalvelu|support|care|help|online|app|team|brand|co)?\Z"
)


def owns(host: str, shop: Shop) -> bool:
    """Whether a host is the shop's own: a domain of it, one under it, or its name with a top level."""
    for domain in shop.domains:
        bare = domain.strip().lower().removeprefix("www.")
        if bare and (host == bare or host.endswith("." + bare)):
            return True
    labels = host.removeprefix("www.").split(".")
    if len(labels) != 2:
        return False
    own = slugs(shop)
    return squeeze(labels[0]) in own or squeeze(host) in own


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

"""What may legally follow a form of a name: clitics, colon and apostrophe endings, compound parts.

All patterns work on folded text (see clean.fold): ä is a, ö is o.
"""

import re

LONGEST_MARKED = 24
_CLITIC = r"(?:(?:kin|kaan|ki|kaa)(?:ko|pa)?|ko(?:han|ha|s|st)?|k[so]s?|pa(?:s|han|ha)?|han)"
_POSSESSIVE = r"(?:ni|si|nsa|mme|nne)"
_CASE = (
    r"(?:n|a|ta|tta|ssa|sta|lla|lta|lle|na|ksi|kse|t|ja|ia|ita|jen|ien|iden|en|in|an|on|un|yn|hin|han|hon|hun|hyn"
    r"|seen|siin|iin|ihin|issa|ista|illa|ilta|ille|iksi|ina|ss|s|st|ll|l|lt|ks|ns|et|ens|ets|een|aan|iin|uun|oon|eja"
    r"|eissa|eista|ssaan|staan|llaan|ltaan|lleen|sa|la|le|is|ers|er)"
)
_CLITIC_TAIL = re.compile(rf"{_CLITIC}\Z")
_DEFINITE_TAIL = re.compile(r"(?:ens|ets|en|et|ns|n|t)\Z")
_MARKED = re.compile(rf"[:'’´`‘]({_CASE}{_POSSESSIVE}?{_CLITIC}?|{_CLITIC})(?![^\W_])", re.IGNORECASE)
_BARE_CASE = re.compile(rf"{_CASE}{_POSSESSIVE}?{_CLITIC}?\Z")
_HYPHENED = re.compile(r"[-‐‑–](?=[^\W\d_])[^\W_]+(?:-[^\W_]+)*")


def is_clitic(rest: str) -> bool:
    """Whether the folded remainder of a word is a legal chain of clitics."""
    return _CLITIC_TAIL.match(rest) is not None


def is_bare_case(rest: str) -> bool:
    """Whether the remainder is a case ending with nothing before it (Kodinkulma24sta, SOKn)."""
    return _BARE_CASE.match(rest) is not None


def is_definite(rest: str) -> bool:
    """A Swedish definite ending, with or without the genitive."""
    return _DEFINITE_TAIL.match(rest) is not None


def marked_end(text: str, at: int) -> int:
    """Where a colon or apostrophe ending that begins at `at` stops; `at` itself when there is none."""
    found = _MARKED.match(text[at : at + LONGEST_MARKED].translate(_VOWELS))
    return at + found.end() if found else at


_VOWELS = str.maketrans("äöåÄÖÅ", "aoaAOA")


def hyphened_end(text: str, at: int) -> int:
    """Where the hyphenated compound that begins with the hyphen at `at` stops (Lumopuoti-tilaus)."""
    found = _HYPHENED.match(text, at)
    return found.end() if found else at


_HEADS_TEXT = """
    tilau paket lahety toimitu toimituks asiaka aspa palvelu kortt lahjakort lasku verkkokaup nettikaup
    kaup kaupp myymal liik sovellu app appi sivu tili ale alennu kamppi kampanj kassi fan hyp huijau
    osto palautu reklamaati reklamoin keik postau maino reklaam tuot ketju sotk skandaal kohu boikot
    merk brand uutiskirj posti meil viest soppi putiik outlet kokemu saaga saga episod tapau juttu
    jupakk valitu arvostel arvio review haul laatik pussi rotsi vaattei kuitti koodi bonu etu edu klubi
    jasen tyyp porukk poppoo firm yrity yhtio oy konserni omist johtaj pomo tyontek henkilokun
    puhelinpalvelu chat chatti botti kuljetu kuskei kuski nouto noudo varasto kyltti logo mukei muki
    kuume hommi homm touhu meininki tyyli laatu laadu takuu hinto hinna hinta hint bestallning paket
    leverans kund kundtjanst rabatt kod retur butik sida konto nyhetsbrev varor order parcel delivery
    refund fail scam gate love shop store haul customer support code bag box
"""
HEADS = tuple(_HEADS_TEXT.split())


_DERIVED = re.compile(r"(?:[lm]ai(?:nen|s)|moi(?:nen|s)|i?nen\b|isuu|uus|set|sto\b)")


def is_derived(rest: str) -> bool:
    """Whether the remainder makes another word of the name (-lainen, -mainen) and not a compound."""
    return _DERIVED.match(rest) is not None


def is_shop_head(rest: str) -> bool:
    """Whether the remainder begins like a word that names shops' affairs (-tilaus, -paketti)."""
    return rest.startswith(HEADS)

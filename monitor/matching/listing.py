"""What would match a name, for people to look at: `mainevahti forms NAME`."""

from dataclasses import dataclass

from monitor.domain import Shop
from monitor.matching import typos
from monitor.matching.lexicon import load_lexicon
from monitor.matching.matcher import Matcher
from monitor.matching.names import Kind, cut
from monitor.matching.paradigm import decline, harmonise, is_back

_CLITICS = ("kin", "kAAn", "kO", "hAn", "kOhAn", "pA", "kOs")
_MARKED = (
    ("n", "genitive"),
    ("ssA", "inessive"),
    ("stA", "elative"),
    ("llA", "adessive"),
    ("ltA", "ablative"),
    ("lle", "allative"),
    ("A", "partitive"),
    ("ksi", "translative"),
)
_EXAMPLES = {
    "genitive": "{} asiakaspalvelu ei vastaa.",
    "inessive": "{} on vikaa.",
    "elative": "Tilasin {} kengät.",
    "illative": "Soitin {} eilen.",
    "adessive": "{} on hyvät hinnat.",
    "ablative": "Sain {} väärän paketin.",
    "allative": "Kiitos {}!",
    "partitive": "Suosittelen {} kaikille.",
    "translative": "Luulin sitä {}.",
    "essive": "Se tunnetaan {}.",
    "Swedish": "{} kundtjänst svarar inte.",
}
_PLAIN_EXAMPLE = "{} ei toimita ajallaan."


@dataclass(frozen=True, slots=True)
class Form:
    """One way to write a name: what it is (case, number, clitic), a sentence with it, how usual (0..1)."""

    text: str
    what: str
    example: str
    weight: float = 1.0

    def __str__(self) -> str:
        return f"{self.text}  ({self.what})  {self.example}"


def forms(name: str) -> list[Form]:
    """The forms of a name that match, standard ones first; none for a name without letters or digits."""
    spelling = cut(0, Kind.NAME, name)
    if not spelling.pieces or spelling.foreign:
        return [_form(name, "as written", 1.0)] if spelling.pieces else []
    last = spelling.pieces[-1]
    head = spelling.written[: len(spelling.written) - len(last)]
    back = is_back(last)
    found = {name: _form(name, "nominative", 1.0)}
    for form in decline(last):
        text = head + _as_written(spelling.written[len(head) :], form.text)
        found.setdefault(text, _form(text, form.what, form.weight))
    for text, what in _more(spelling.written, back):
        found.setdefault(text, _form(text, what, 1.0))
    return sorted(found.values(), key=lambda form: -form.weight)


def mistyped(name: str) -> list[Form]:
    """Some ways to write a name with one typing error that match too; none for a short name."""
    if not typos.is_long_enough(cut(0, Kind.NAME, name)):
        return []
    shop, middle = Shop("", name), len(name) // 2
    matcher = Matcher([shop])
    before, here, after = name[:middle], name[middle], name[middle + 1 :]
    typed = (before + after, before + here + here + after, before[:-1] + here + before[-1] + after)
    found = [text for text in typed if matcher.find_spans(text, shop) == ((0, len(text)),)]
    return [_form(text, "typing error", typos.CERTAINTY) for text in dict.fromkeys(found) if text != name]


def _more(written: str, back: bool) -> list[tuple[str, str]]:
    marked = [(f"{written}:{harmonise(ending, back)}", f"{case}, colon") for ending, case in _MARKED]
    clitics = [
        (written + harmonise(clitic, back), f"nominative, clitic -{harmonise(clitic, back)}")
        for clitic in _CLITICS
    ]
    return [
        *clitics,
        *marked,
        (f"{written}-tilaus", "compound"),
        (f"{written}s", "Swedish genitive"),
        (f"{written}'s", "English genitive"),
    ]


def _as_written(written: str, form: str) -> str:
    """The form with the name's own capitals as far as the two agree."""
    kept = 0
    while kept < min(len(written), len(form)) and written[kept].lower() == form[kept]:
        kept += 1
    return written[:kept] + form[kept:]


def _form(text: str, what: str, weight: float) -> Form:
    example = next(
        (sentence for case, sentence in _EXAMPLES.items() if what.startswith(case)), _PLAIN_EXAMPLE
    )
    return Form(text, what, example.format(text), round(weight, 2))


def engine() -> str:
    """Which morphology is in use: "libvoikko 4.3 + rules" or "built-in rules"."""
    return load_lexicon().morphology.name

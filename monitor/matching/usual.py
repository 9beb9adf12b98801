"""The forms of a name that people write most, for searches that find words only as they are asked for."""

from monitor.matching.listing import forms

# As people speak of shops: whose service, bought from, ordered from, answered by, sent to, looked in.
_CASES = (
    "genitive",
    "elative",
    "adessive",
    "ablative",
    "partitive",
    "inessive",
    "illative",
    "allative",
    "Swedish genitive",
)


def usual_forms(name: str) -> tuple[str, ...]:
    """Return the usual inflected forms of a name, the most usual first, without the name itself."""
    standard = [form for form in forms(name) if form.weight == 1.0 and not form.text.endswith("ss")]
    by_case = {case: [form.text for form in standard if form.what == case] for case in _CASES}
    return tuple(dict.fromkeys(text for case in _CASES for text in by_case[case][:1] if text != name))

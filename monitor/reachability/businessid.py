"""Finnish business ids (Y-tunnus) in a text, and whether their check digit is right.

The digits are weighted 7 9 10 5 8 4 2; 11 minus the sum modulo 11 is the check digit, and a remainder of 1
is never given out: https://www.vero.fi (tarkistusnumeron laskenta).
"""

import re

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2)
_WRITTEN = re.compile(r"(?<![\w-])(\d{6,7})\s?[-–−‐‑]\s?(\d)(?![\w-])")
_VAT = re.compile(r"\bFI\s?(\d{8})(?!\d)")


def business_ids(text: str) -> list[str]:
    """Everything in a text that looks like a business id, as 1234567-8, each once; right or not."""
    plain = [f"{number.zfill(7)}-{check}" for number, check in _WRITTEN.findall(text)]
    vat = [f"{digits[:7]}-{digits[7]}" for digits in _VAT.findall(text)]
    return list(dict.fromkeys([*vat, *plain]))


def is_right(business_id: str) -> bool:
    """Whether the check digit of an id such as 1234567-8 fits."""
    number, _, check = business_id.partition("-")
    rest = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=True)) % 11
    return rest != 1 and int(check) == (11 - rest) % 11

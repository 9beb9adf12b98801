"""The words by which people find contact pages, terms and opening hours, in Finnish, Swedish and English."""

import re

_ANY = re.IGNORECASE
# The likeliest first: a page named after contact goes before one named after service or help.
CONTACT = (
    re.compile(r"yhteystie|ota.?yhteyt|ottakaa.?yhteyt|\bkontakt(?!.?lins)|\bcontact(?!.?lens)", _ANY),
    re.compile(
        r"asiakaspalvel|\byhteys\b|kundservice|kundtj[äa]nst|customer.?(?:service|care|support)"
        r"|\bsupport\b|\bhelp\b|\bohjeet?\b|\bhj[äa]lp\b|\btuki\b",
        _ANY,
    ),
)
DELIVERY = re.compile(
    r"toimitus|toimitta|leverans|\bfrakt|\bdelivery|\bshipping|\bpostitus|\bmatkahuol", _ANY
)
RETURNS = re.compile(
    r"palautu|palautta|palauta\b|peruutusoike|peruuttamisoike|vaihto.?oike|\breturn|\brefund|\bretur|[åa]ngerr[äa]tt"
    r"|\bwithdrawal",
    _ANY,
)
TERMS = re.compile(
    r"(?:sopimus|k[äa]ytt[öo]|tilaus|toimitus|osto|myynti)?ehdot|\bterms\b|\bvillkor|k[öo]pvillkor"
    r"|leveransvillkor|conditions",
    _ANY,
)
_TIME = r"(?:\d{1,2}(?:[.:]\d{2})?)"
_RANGE = rf"{_TIME}\s*(?:[-–—]|til{{1,2}}|to)\s*{_TIME}"
_DAY = (
    r"\b(?:ma|ti|ke|to|pe|la|su|maanantai\w*|tiistai\w*|keskiviikko\w*|torstai\w*|perjantai\w*|lauantai\w*"
    r"|arki\w*|joka\w* p[äa]iv\w*|p[äa]ivittäin"
    r"|m[åa]n\w*|tis\w*|ons\w*|tors\w*|fre\w*|l[öo]r\w*|vardag\w*|varje dag|dagligen"
    r"|mon\w*|tue\w*|wed\w*|thu\w*|fri\w*|sat\w*|weekday\w*|daily|every day)\b"
)
HOURS = re.compile(
    rf"{_DAY}.{{0,40}}?{_RANGE}|{_RANGE}.{{0,20}}?{_DAY}|24\s?/\s?7|ympäri vuorokauden|dygnet runt",
    _ANY | re.DOTALL,
)
HOURS_TITLE = re.compile(
    rf"(?:aukiolo|avoinna|palveluaj|palvelemme|öppettid|öppet|opening hours|open)\w*.{{0,60}}?{_RANGE}",
    _ANY | re.DOTALL,
)
PHONE = re.compile(
    r"(?<![\w.,-])(?:\+\s?\d{1,3}|00\s?358|0)[\s(.-]{0,2}\d{1,4}\)?(?:[\s.-]{0,2}\d{2,4}){1,4}(?![\w-])"
)
DATE = re.compile(r"\d{1,2}\.\d{1,2}\.\d{2,4}")
MAIL = re.compile(
    r"[\w.+-]{1,64}\s?(?:@|[(\[]\s?(?:at|ät|a|miukumauku|snabel-a)\s?[)\]])\s?[\w-]{1,63}(?:\.[\w-]{1,63})+",
    _ANY,
)

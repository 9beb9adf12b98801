"""What is said about a shop's site: one finding each, with the remedy, as message ids of the catalogues."""

from typing import Any

from monitor.store.sites import Finding
from monitor.wording import N_


def _finding(sentence: str, remedy: str, *, is_grave: bool = False, **values: Any) -> Finding:
    return Finding(sentence, remedy, values, is_grave)


def unreachable(site: str, said: str) -> Finding:
    """Nothing answers, or no page that can be read; `said` is kept for whoever runs the service."""
    return _finding(
        N_("The site {site} cannot be opened."),
        N_("Open it on a phone outside the shop's network; if it fails there too, call your web host."),
        is_grave=True,
        site=site,
        said=said,
    )


def closed_to_programs(site: str) -> Finding:
    """The site does not let us look."""
    return _finding(
        N_("The site {site} does not let programs read it, so it could not be checked."),
        N_("Allow “Mainevahti” in robots.txt or in the protection of your web host."),
        site=site,
    )


def needs_scripts(site: str) -> Finding:
    """Hardly a word can be read without running scripts."""
    return _finding(
        N_("The front page {site} is empty without JavaScript, so it could not be checked."),
        N_("Ask for a page that also works without it: search engines read it better too."),
        site=site,
    )


def no_https(site: str) -> Finding:
    """The address is an unencrypted one."""
    return _finding(
        N_("The site {site} is not encrypted; browsers call it not secure."),
        N_("Take https into use, and write that address into `site`."),
        site=site,
    )


def expired_certificate(site: str) -> Finding:
    """Browsers warn every visitor."""
    return _finding(
        N_("The certificate of {site} has expired: browsers warn every visitor."),
        N_("Renew it today, and have it renewed by itself."),
        is_grave=True,
        site=site,
    )


def untrusted_certificate(site: str) -> Finding:
    """Self-signed, of another name, or of an authority nobody knows."""
    return _finding(
        N_("The certificate of {site} is not trusted: browsers warn every visitor."),
        N_("Get one from a known authority for this very name; Let's Encrypt gives them away."),
        is_grave=True,
        site=site,
    )


def old_certificate(site: str, days: int) -> Finding:
    """It ends soon; it should have been renewed by now."""
    return _finding(
        N_("The certificate of {site} ends in {days} days."),
        N_("Renew it, and see why it was not renewed by itself."),
        site=site,
        days=days,
    )


def no_contact_link(site: str) -> Finding:
    """A customer in trouble finds no way."""
    return _finding(
        N_("No contact page is linked from the front page {site}."),
        N_("Put a link named “Contact” at the head or the foot of every page."),
        is_grave=True,
        site=site,
    )


def broken_contact(url: str, said: str) -> Finding:
    """The link is there, the page is not."""
    return _finding(
        N_("The contact page {page} cannot be opened."),
        N_("Mend the link or the page."),
        is_grave=True,
        page=url,
        said=said,
    )


def no_phone(page: str) -> Finding:
    """No number to call."""
    return _finding(
        N_("No telephone number was found on {page}."),
        N_("Write one there with its hours; a shop without a number looks like a swindle to many."),
        page=page,
    )


def no_mail(page: str) -> Finding:
    """No way to write."""
    return _finding(
        N_("Neither an e-mail address nor a form was found on {page}."),
        N_("Write an address there: the law wants one that customers can write to."),
        is_grave=True,
        page=page,
    )


def no_hours(page: str) -> Finding:
    """Nobody knows when somebody is there."""
    return _finding(
        N_("No opening hours of the customer service were found on {page}."),
        N_("Write there when somebody answers, and how soon a message is answered."),
        page=page,
    )


def no_business_id(page: str) -> Finding:
    """The shop does not say who it is."""
    return _finding(
        N_("No business id (Y-tunnus) was found on {page}."),
        N_("Write the company's name and business id there: careful buyers look them up."),
        page=page,
    )


def wrong_business_id(page: str, written: str) -> Finding:
    """It is there, with a typing error."""
    return _finding(
        N_("The business id {written} on {page} is wrong: its check digit does not fit."),
        N_("Compare it with the trade register (ytj.fi)."),
        page=page,
        written=written,
    )


def no_terms(site: str, *, is_returns: bool) -> Finding:
    """Terms of returns, or of delivery, are not linked."""
    if is_returns:
        return _finding(
            N_("How to return something is not linked from {site}."),
            N_("Link the page about returns and refunds from the foot of every page."),
            site=site,
        )
    return _finding(
        N_("The terms of delivery are not linked from {site}."),
        N_("Link the page about delivery, its price and its time from the foot of every page."),
        site=site,
    )

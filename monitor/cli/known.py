"""Slugs that people type: whether the configuration knows them, and what it knows when not."""

from collections.abc import Iterable, Iterator, Sequence

from monitor.errors import ConfigError, Mistake


def unknown(option: str, noun: str, slugs: Iterable[str | None], known: Sequence[str]) -> Iterator[Mistake]:
    """A mistake for each slug that the configuration does not have; None was not typed."""
    for slug in slugs:
        if slug is not None and slug not in known:
            remedy = f"Known: {', '.join(known) or 'none'}."
            yield Mistake(option, f'there is no {noun} "{slug}".', remedy)


def refuse(mistakes: Iterable[Mistake]) -> None:
    """Raise ConfigError with all of them, when there are any."""
    found = list(mistakes)
    if found:
        raise ConfigError(found)

"""Reading config.toml: syntax, shape, references, the options of each source kind, and secrets."""

import difflib
import os
import re
import tomllib
import types
import typing
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from monitor.config.schema import Config, SecretRef, SourceConfig
from monitor.errors import ConfigError, Mistake

Kinds = Mapping[str, type[BaseModel]]
_SHORTEST_TOKEN = 20
_IN_HEADERS = re.compile(r"[!-~]+")
_FRAME = frozenset(SourceConfig.model_fields) - {"options"}


def load_config(path: Path, kinds: Kinds, environ: Mapping[str, str] = os.environ) -> Config:
    """Read and check the file.

    `kinds` maps each source kind to the model of its own options. Raises ConfigError with every
    mistake of the file, not only the first.
    """
    written = _read(path)
    mistakes = _fold_source_options(written)
    config = None
    try:
        config = Config.model_validate({**written, "folder": path.resolve().parent})
    except ValidationError as error:
        mistakes += [_mistake(detail, Config) for detail in error.errors()]
    sources = _valid_sources(written)
    mistakes += list(_wrong_options(sources, kinds))
    if config is not None:
        mistakes += list(_wrong_references(config, kinds))
        mistakes += list(_missing_secrets(config, kinds, environ))
        mistakes += list(_weak_tokens(config, environ))
    if mistakes or config is None:
        raise ConfigError(mistakes)
    return config


def read_secret(ref: SecretRef, folder: Path, environ: Mapping[str, str] = os.environ) -> str:
    """Return the secret that `ref` points at; ConfigError says where it was looked for."""
    if ref.env is not None:
        value = environ.get(ref.env, "")
        problem = f"the environment variable {ref.env} is not set."
        remedy = f"Set it before the start: export {ref.env}=..."
    else:
        value, problem = _secret_of_file(folder / (ref.file or Path()))
        remedy = "Put the secret alone on the first line of that file."
    if not value:
        raise ConfigError([Mistake("secret", problem, remedy)])
    return value


def _secret_of_file(path: Path) -> tuple[str, str]:
    try:
        return path.read_text(encoding="utf-8").strip(), f"the file {path} is empty."
    except (OSError, UnicodeDecodeError):
        return "", f"the file {path} cannot be read."


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        remedy = "Start in the folder that holds config.toml, or name it with --config."
        raise ConfigError([Mistake(str(path), "there is no such file.", remedy)]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            [Mistake(str(path), f"it cannot be read ({error}).", "Save it as UTF-8.")]
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([Mistake(str(path), f"this is not TOML: {error}.", "Mend that line.")]) from None


def _fold_source_options(written: dict[str, Any]) -> list[Mistake]:
    """Move the keys that belong to a source's kind into its `options`."""
    sources = written.get("sources", [])
    if not isinstance(sources, list) or not all(isinstance(source, dict) for source in sources):
        written["sources"] = []
        return [Mistake("sources", "this is not a list of tables.", "Write each source under [[sources]].")]
    written["sources"] = [_folded(source) for source in sources]
    return []


def _folded(source: Mapping[str, Any]) -> dict[str, Any]:
    frame = {key: value for key, value in source.items() if key in _FRAME}
    return {**frame, "options": {key: value for key, value in source.items() if key not in _FRAME}}


def _valid_sources(written: Mapping[str, Any]) -> list[tuple[int, str, Mapping[str, Any]]]:
    return [
        (index, str(source.get("kind", "")), source["options"])
        for index, source in enumerate(written.get("sources", []))
    ]


def _wrong_options(sources: Iterable[tuple[int, str, Mapping[str, Any]]], kinds: Kinds) -> Iterator[Mistake]:
    for index, kind, options in sources:
        settings = kinds.get(kind)
        if settings is None:
            known = ", ".join(sorted(kinds))
            yield Mistake(
                f"sources[{index}].kind",
                f'there is no kind "{kind}".',
                _did_you_mean(kind, kinds) or f"Known: {known}.",
            )
            continue
        frame = [name for name in SourceConfig.model_fields if name != "options"]
        try:
            settings.model_validate(options)
        except ValidationError as error:
            for detail in error.errors():
                yield _mistake(detail, settings, ("sources", index), also=frame)


def _wrong_references(config: Config, kinds: Kinds) -> Iterator[Mistake]:
    for kind in ("shops", "sources", "recipients", "channels"):
        slugs = Counter(row.slug for row in getattr(config, kind))
        for slug in (slug for slug, count in slugs.items() if count > 1):
            yield Mistake(kind, f'the slug "{slug}" stands twice.', "Give each its own slug.")
    people = [recipient.slug for recipient in config.recipients]
    for index, shop in enumerate(config.shops):
        yield from _unknown(shop.recipients, people, f"shops[{index}].recipients", "recipient")
    shops = [shop.slug for shop in config.shops]
    sources = [source.slug for source in config.sources]
    channels = [channel.slug for channel in config.channels]
    for index, recipient in enumerate(config.recipients):
        named = [recipient.channel] if recipient.channel else []
        yield from _unknown(named, channels, f"recipients[{index}].channel", "channel")
        yield from _unknown(recipient.shops, shops, f"recipients[{index}].shops", "shop")
        yield from _unknown(recipient.sources, sources, f"recipients[{index}].sources", "source")
    for index, source in enumerate(config.sources):
        if config.web is None and _is_pushed(kinds.get(source.kind), source.options):
            yield Mistake(
                f"sources[{index}]",
                "what is pushed to this source has no way in.",
                "Add the table [web]; config.toml as shipped shows it.",
            )
    if not config.dashboard.is_private and not (config.dashboard.url and config.asks_who):
        yield Mistake(
            "dashboard",
            "beyond 127.0.0.1 nobody may come in without a login.",
            "Give url, the address that people use, and a way to log in: passwords = true or oidc under "
            '[login], or password = { env = "NAME" } here.',
        )
    keep = config.retention
    yield from _unknown(keep.sources, sources, "retention.sources", "source")
    yield from _unknown(keep.kinds, sorted(kinds), "retention.kinds", "kind of source")
    if all(shop.rival for shop in config.shops):
        yield Mistake(
            "shops", "every shop is a rival, so nothing can alert.", "Set rival = false for your own shop."
        )


def _is_pushed(settings: type[BaseModel] | None, options: Mapping[str, Any]) -> bool:
    """Whether something pushes to a source with these options, so that it needs the web endpoint."""
    return getattr(settings, "needs_web", False) or getattr(settings, "pushed_when", "") in options


def _unknown(slugs: Iterable[str], known: Sequence[str], path: str, noun: str) -> Iterator[Mistake]:
    for slug in slugs:
        if slug not in known:
            remedy = _did_you_mean(slug, known) or f"Known: {', '.join(known) or 'none'}."
            yield Mistake(path, f'there is no {noun} "{slug}".', remedy)


def _missing_secrets(config: Config, kinds: Kinds, environ: Mapping[str, str]) -> Iterator[Mistake]:
    refs = list(secret_refs(config))
    for index, source in enumerate(config.sources):
        settings = kinds.get(source.kind)
        try:
            options = settings.model_validate(source.options) if settings and source.enabled else None
        except ValidationError:
            continue
        refs += [(f"sources[{index}].{path}", ref) for path, ref in secret_refs(options)]
    for path, ref in refs:
        try:
            read_secret(ref, config.folder, environ)
        except ConfigError as error:
            yield from (Mistake(path, mistake.problem, mistake.remedy) for mistake in error.mistakes)


def _weak_tokens(config: Config, environ: Mapping[str, str]) -> Iterator[Mistake]:
    """Tokens that could be guessed, or that cannot stand in a header; missing ones are told elsewhere."""
    for index, client in enumerate(config.web.tokens if config.web else ()):
        try:
            token = read_secret(client.secret, config.folder, environ)
        except ConfigError:
            continue
        if len(token) < _SHORTEST_TOKEN or not _IN_HEADERS.fullmatch(token):
            problem = f"it must be {_SHORTEST_TOKEN} plain characters or more, without spaces."
            remedy = "Make one: python3 -c 'import secrets; print(secrets.token_urlsafe(32))'."
            yield Mistake(f"web.tokens[{index}].secret", problem, remedy)


def secret_refs(table: BaseModel | None) -> Iterator[tuple[str, SecretRef]]:
    """All secrets that a table of the configuration names, with the paths of their keys in it."""
    for name in type(table).model_fields if table is not None else ():
        value = getattr(table, name)
        if isinstance(value, SecretRef):
            yield name, value
        elif isinstance(value, BaseModel):
            yield from ((f"{name}.{path}", ref) for path, ref in secret_refs(value))
        elif isinstance(value, tuple):
            tables = [(at, row) for at, row in enumerate(value) if isinstance(row, BaseModel)]
            yield from ((f"{name}[{at}].{path}", ref) for at, row in tables for path, ref in secret_refs(row))


def _mistake(
    detail: ErrorDetails, model: type[BaseModel], prefix: tuple[str | int, ...] = (), also: Sequence[str] = ()
) -> Mistake:
    path = _key_path((*prefix, *detail["loc"]))
    if detail["type"] == "extra_forbidden":
        key = str(detail["loc"][-1])
        known = [*_fields_at(model, detail["loc"][:-1]), *also]
        return Mistake(
            path, "there is no such key.", _did_you_mean(key, known) or f"Known: {', '.join(known)}."
        )
    if detail["type"] == "missing":
        return Mistake(path, "this key is missing.", "Add it; config.toml as shipped shows an example.")
    message = detail["msg"].removeprefix("Value error, ")
    return Mistake(path, f"{_shown(detail)} cannot be used:", f"{message}.")


def _shown(detail: ErrorDetails) -> str:
    """Quote what was written; never where a table is wanted: it may be a secret written in the clear."""
    value = detail["input"]
    is_plain = isinstance(value, str | int | float) and detail["type"] != "model_type"
    return f'"{value}"' if is_plain else "this"


def _key_path(loc: Iterable[str | int]) -> str:
    path = ""
    for part in loc:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else str(part)
    return path or "config.toml"


def _fields_at(model: type[BaseModel], loc: Sequence[str | int]) -> list[str]:
    """Names of the keys allowed at a place of the file."""
    for part in loc:
        field = model.model_fields.get(str(part)) if isinstance(part, str) else None
        if field is not None:
            model = next(_models_in(field.annotation), model)
    return [name for name in model.model_fields if name != "folder"]


def _models_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        if issubclass(annotation, BaseModel):
            yield annotation
        return
    for argument in typing.get_args(annotation):
        yield from _models_in(argument)


def _did_you_mean(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, list(known), n=1)
    return f'Did you mean "{near[0]}"?' if near else ""

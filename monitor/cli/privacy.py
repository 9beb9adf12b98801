"""`mainevahti person | erase`: what is held about a writer, for an access request; and its removal."""

import argparse
import json
import sys
from datetime import UTC, datetime

from monitor.app import opened_store, read_config
from monitor.backup import ledger_path, note_erasure
from monitor.cli.output import Terminal
from monitor.cli.stages import who_asks
from monitor.config import Config, own_key
from monitor.errors import ConfigError, Mistake
from monitor.store import privacy
from monitor.store.rows import MentionRow


def person(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Write everything held about one writer as JSON; 1 when there is nothing."""
    config = read_config(arguments.config)
    key = own_key(config, "pseudonym")
    with opened_store(config) as store, store.reading() as session:
        held = privacy.held_about(session, arguments.author, arguments.source, key)
    told = {
        "author": arguments.author,
        "posts": [_post(row, config) for row in held.mentions],
        "alerts_opened": held.alerts,
        "notes": list(held.notes),
        "muted_because": list(held.mutes),
        "exports_with_names": list(held.exports),
        "erased": [at.isoformat() for at in held.erased_at],
    }
    json.dump(told, sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")
    return int(not held.mentions)


def erase(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Remove a writer, or the posts at an address; figures stay. 1 when there was nothing to remove."""
    config = read_config(arguments.config)
    if (arguments.author is None) == (arguments.url is None):
        raise ConfigError([Mistake("erase", "say whom or what.", "Give --author or --url, one of the two.")])
    now, key = datetime.now(UTC), own_key(config, "pseudonym")
    note_erasure(config, privacy.subject_of(arguments.author, arguments.url, arguments.source, key), now)
    with opened_store(config) as store, store.transaction() as session:
        erased, exports = privacy.erase(
            session,
            author=arguments.author,
            url=arguments.url,
            source=arguments.source,
            reason=arguments.reason,
            who=who_asks(),
            key=key,
            now=now,
        )
    terminal.say(f"{erased} posts were emptied of text, author and address. The figures stay.")
    _remind(config, list(exports), terminal)
    return int(erased == 0)


def _remind(config: Config, exports: list[str], terminal: Terminal) -> None:
    """Say where copies may lie that this program cannot reach into."""
    for export in exports:
        terminal.warn(f"an export with names may hold them still: {export}")
    if config.mail.transport == "folder":
        terminal.warn(f"mails in {config.path(config.mail.folder)} may hold them still")
    terminal.warn(
        "backups made before now hold them until they are thrown away; a restore erases them again (keep "
        f"{ledger_path(config)} for that); mails lie with those who got them"
    )


def _post(row: MentionRow, config: Config) -> dict[str, object]:
    kinds = {source.slug: source.kind for source in config.sources}
    kept_for = config.retention.of(row.source, kinds.get(row.source))
    return {
        "shop": row.shop,
        "source": row.source,
        "url": row.url,
        "posted_at": row.posted_at.isoformat() if row.posted_at else None,
        "edited_at": row.edited_at.isoformat() if row.edited_at else None,
        "found_at": row.found_at.isoformat(),
        "erased_after": (row.found_at + kept_for).isoformat(),
        "thread": row.thread_title,
        "answers_to": row.parent_text,
        "title": row.title,
        "text": row.text,
        "language": row.lang,
        "rating": row.rating,
        "reach": row.reach,
        **_reading(row),
    }


def _reading(row: MentionRow) -> dict[str, object]:
    """What the model made of a post; empty while it waits."""
    judged = row.assessment
    if judged is None:
        return {}
    return {
        "model": judged.model,
        "sentiment": judged.label.value if judged.label else None,
        "scores": {name: getattr(judged, name) for name in ("negative", "neutral", "positive")},
        "topics": [topic.value for topic in judged.topics],
        "urgency": judged.urgency.value,
    }

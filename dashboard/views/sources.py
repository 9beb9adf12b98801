"""How well we hear: every source with its state, its delay and its last error; and mails that failed."""

from html import escape

import streamlit as st

from dashboard import actions, auth, cards, data, parts, stories, widgets
from dashboard.actions import Steer
from dashboard.language import ago, clock, duration_of, name, number, say, say_many
from monitor.health import SourceHealth, Status
from monitor.people import Deed
from monitor.store.rows import RunRow

_REFRESH = 15
_SIGNS = {
    Status.OK: "✓",
    Status.OFF: "–",
    Status.WAITING: "…",
    Status.LATE: "!",
    Status.BUSY: "↻",
    Status.PAUSED: "‖",
    Status.SPENT: "◔",
    Status.DEAF: "∅",
    Status.BROKEN: "✕",
}
_RUNS = 12


@parts.refreshing(_REFRESH)
def _board() -> None:
    found = sorted(data.sources(), key=lambda one: not one.status.is_trouble)
    if not found:
        widgets.empty(
            say("No source is configured."),
            say("Add one under [[sources]] in config.toml, then start again."),
        )
    for source in found:
        _source(source)
    _mail()


def _source(source: SourceHealth) -> None:
    with st.container(border=True, key=f"source-{source.slug}"):
        state = widgets.tag(name(source.status), source.status.value, _SIGNS[source.status])
        head = f'<span class="mv-strong">{widgets.escaped(cards.source_name(source.slug))}</span>'
        widgets.draw(
            widgets.row(head, state, f"<span>{escape(source.kind)}</span>"),
            widgets.paragraph(widgets.escaped(say(source.sentence, **source.values))),
            widgets.line(*_figures(source)),
        )
        _controls(source)
        runs = data.runs(source.slug)[:_RUNS]
        if runs or source.warnings:
            with st.expander(say("The last fetches"), type="compact"):
                widgets.draw(_warnings(source), _runs(runs))


def _controls(source: SourceHealth) -> None:
    if source.status is Status.OFF or not auth.allows(Deed.STEER):
        return
    is_paused = source.status is Status.PAUSED
    steps = [(Steer.RESUME, say("Resume"), ":material/play_arrow:")] if is_paused else []
    steps += [] if is_paused else [(Steer.RUN, say("Fetch now"), ":material/refresh:")]
    steps += [] if is_paused else [(Steer.PAUSE, say("Pause"), ":material/pause:")]
    with st.container(horizontal=True):
        for steer, label, icon in steps:
            st.button(
                label,
                key=f"{steer.value}-{source.slug}",
                icon=icon,
                type="tertiary",
                on_click=actions.steer,
                args=(source.slug, steer),
            )


def _warnings(source: SourceHealth) -> str:
    """What could not be read in the last fetch, and where."""
    if not source.warnings:
        return ""
    head = say_many("{n} post was skipped", "{n} posts were skipped", len(source.warnings))
    told = "".join(f"<li>{widgets.escaped(warning)}</li>" for warning in source.warnings)
    return f'<p class="mv-strong">{escape(head)}</p><ul class="mv-story">{told}</ul>'


def _figures(source: SourceHealth) -> list[str]:
    now = data.now()
    told = [
        say("read {ago}", ago=ago(source.last_success_at, now)) if source.last_success_at else "",
        say("newest post {ago}", ago=ago(source.last_post_at, now)) if source.last_post_at else "",
        _delay(source),
        say_many("{n} mention in a week", "{n} mentions in a week", source.mentions),
        say(
            "{failed} of {fetches} fetches failed",
            failed=number(source.failed),
            fetches=number(source.fetches),
        )
        if source.failed
        else "",
    ]
    return [f"<span>{escape(part)}</span>" for part in told if part]


def _delay(source: SourceHealth) -> str:
    if source.median_delay is None or source.p95_delay is None:
        return ""
    return say(
        "found after {median} (at worst {worst})",
        median=duration_of(source.median_delay),
        worst=duration_of(source.p95_delay),
    )


def _runs(runs: list[RunRow]) -> str:
    told = "".join(f"<li>{_run(run)}</li>" for run in runs)
    return f'<ul class="mv-story">{told}</ul>'


def _run(run: RunRow) -> str:
    if run.error:
        return f"{escape(clock(run.ended_at))} ✕ {widgets.escaped(run.error)}"
    told = say("{posts} posts read, {new} new mentions", posts=number(run.posts), new=number(run.new))
    return f"{escape(clock(run.ended_at))} ✓ {escape(told)}"


def _mail() -> None:
    mail = data.mail()
    widgets.subheading(say("Mails that did not go out"))
    if not mail.failed and not mail.retrying:
        widgets.draw(widgets.paragraph(escape(say("None. Every mail of the last seven days left.")), "note"))
        return
    rows = [*mail.failed, *mail.retrying]
    widgets.draw(stories.deliveries(rows, data.recipients_of(rows)))


def _page() -> None:
    widgets.heading(say("Sources"), say("Whether we hear everything, and how soon."))
    _board()


if __name__ == "__main__":
    _page()

"""The frame of the dashboard: the gate, the language, the table of pages, and the banner above each.

Served by serving.py, which `mainevahti run` starts with the path of config.toml in the environment
(MAINEVAHTI_CONFIG).
"""

from html import escape
from pathlib import Path

import streamlit as st

from dashboard import auth, controls, data, language, parts, widgets
from dashboard.language import name, say, say_many
from monitor.errors import ConfigError, StoreError

_ICON = Path(__file__).parent / "icon.svg"
_REFRESH = 30


def _pages() -> list[st.Page]:
    """The table of pages; a new one is one file in views/ and one line here."""
    return [
        st.Page("views/inbox.py", title=say("Inbox"), icon=":material/inbox:", default=True),
        st.Page("views/mentions.py", title=say("Mentions"), icon=":material/forum:", url_path="mentions"),
        st.Page("views/trends.py", title=say("Trends"), icon=":material/monitoring:", url_path="trends"),
        st.Page("views/quality.py", title=say("Quality"), icon=":material/fact_check:", url_path="quality"),
        st.Page("views/sources.py", title=say("Sources"), icon=":material/sensors:", url_path="sources"),
        st.Page(
            "views/arrangements.py",
            title=say("Arrangements"),
            icon=":material/handshake:",
            url_path="arrangements",
        ),
        st.Page("views/settings.py", title=say("Settings"), icon=":material/tune:", url_path="settings"),
        st.Page("views/alert.py", title=say("Alert"), url_path="alert", visibility="hidden"),
    ]


def _sidebar() -> None:
    with st.sidebar:
        language.choose(_keep_language)
        found = auth.person()
        if found is not None and found.name:
            role = "" if auth.is_open() else f"<br>{escape(name(found.role))}"
            told = widgets.escaped(say("You are {who}.", who=found.name))
            widgets.draw(widgets.paragraph(f"{told}{role}", "note"))
            label = say("Somebody else") if auth.is_open() else say("Log out")
            st.button(label, on_click=auth.sign_out, type="tertiary", key="sign-out")
        if auth.is_open():
            note = say("Without a password this page answers on this machine only (127.0.0.1).")
            widgets.draw(widgets.paragraph(escape(note), "note"))
        elif auth.ways().shared:
            note = say("Everybody has the same password and may do everything. People with roles: "
                       "mainevahti people.")  # fmt: skip
            widgets.draw(widgets.paragraph(escape(note), "note"))


def _keep_language() -> None:
    auth.keep_language(language.current())


@parts.refreshing(_REFRESH)
def _banner() -> None:
    """Say on every page when we do not hear, or cannot write."""
    troubled = [source.slug for source in data.sources() if source.status.is_trouble]
    mail = data.mail()
    unsent = len(mail.failed) + len(mail.retrying)
    told = []
    if troubled:
        told.append(
            say_many(
                "A source does not work as it should: {names}.",
                "{n} sources do not work as they should: {names}.",
                len(troubled),
                names=", ".join(troubled),
            )
        )
    if unsent:
        told.append(say_many("{n} mail did not go out.", "{n} mails did not go out.", unsent))
    if told:
        with st.container(key="banner", horizontal=True, vertical_alignment="center"):
            widgets.draw(f'<div class="mv-banner" role="status"><b>!</b> {escape(" ".join(told))}</div>')
            st.page_link(
                "views/sources.py", label=say("Look at the sources"), query_params=language.address()
            )


def _main() -> None:
    st.set_page_config(page_title="Mainevahti", page_icon=str(_ICON), layout="centered")
    widgets.style()
    try:
        data.config()
    except ConfigError as error:
        widgets.refuse(error)
        return
    try:
        _opened()
    except StoreError as error:
        widgets.refuse(error)


def _opened() -> None:
    """The page that was asked for, or the one on which to log in."""
    found = auth.person()
    language.begin(found.language if found else None)
    _sidebar()
    page = st.navigation(_pages(), position="sidebar" if found else "hidden")
    st.session_state["is_entered"] = st.session_state.get("page") != page.url_path
    st.session_state["page"] = page.url_path
    if found is None:
        auth.sign_in()
        return
    auth.came()
    # Whether the store answers at all is found out here; later trouble is told by each part.
    data.try_store()
    _banner()
    controls.ask_who()
    page.run()


if __name__ == "__main__":
    _main()

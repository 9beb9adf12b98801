"""Choices that live in the address of a page, so that a view can be sent to a colleague.

The address holds slugs and enum values, never translated words: the colleague may read Swedish.
"""

from collections.abc import Callable, Sequence
from datetime import date

import streamlit as st

from dashboard.language import date_format, keep_in_url, say


def one(label: str, name: str, options: Sequence[str], words: Callable[[str], str], *, default: str) -> str:
    """One of a few views, side by side."""
    key = _remembered(name, _known(st.query_params.get(name), options) or default)
    st.segmented_control(
        label, options, format_func=words, key=key, required=True, wrap=True, label_visibility="collapsed"
    )
    chosen = str(st.session_state[key] or default)
    keep_in_url(name, chosen, default)
    return chosen


def many(label: str, name: str, options: Sequence[str], words: Callable[[str], str]) -> tuple[str, ...]:
    """Any number of options; none means all."""
    key = _remembered(name, [value for value in st.query_params.get_all(name) if value in options])
    chosen = st.multiselect(label, options, format_func=words, key=key, placeholder=say("All"))
    if st.query_params.get_all(name) != chosen:
        if chosen:
            st.query_params[name] = chosen
        else:
            st.query_params.pop(name, None)
    return tuple(chosen)


def pick(label: str, name: str, options: Sequence[str], words: Callable[[str], str]) -> str:
    """One of many options, or all of them: an empty string."""
    key = _remembered(name, _known(st.query_params.get(name), options) or "")

    def told(option: str) -> str:
        return words(option) if option else say("All")

    chosen = str(st.selectbox(label, ["", *options], format_func=told, key=key))
    keep_in_url(name, chosen)
    return chosen


def text(label: str, name: str, placeholder: str = "") -> str:
    """A line of text, such as a search."""
    key = _remembered(name, st.query_params.get(name, ""))
    st.text_input(
        label, key=key, type="search", max_chars=200, placeholder=placeholder, label_visibility="collapsed"
    )
    written = str(st.session_state[key] or "").strip()
    keep_in_url(name, written)
    return written


def day(label: str, name: str) -> date | None:
    """A day, or none."""
    key = _remembered(name, _date(st.query_params.get(name, "")))
    chosen: date | None = st.date_input(label, key=key, value=None, format=date_format())
    keep_in_url(name, chosen.isoformat() if chosen else "")
    return chosen


def forget(name: str) -> None:
    """Let the widget of that name begin anew, from what the address says."""
    st.session_state.pop(f"{st.session_state.get('page', '')}_{name}", None)


def _remembered(name: str, value: object) -> str:
    """Give the widget its first value from the address; later it remembers by itself, on its own page."""
    key = f"{st.session_state.get('page', '')}_{name}"
    if key not in st.session_state:
        st.session_state[key] = value
    return key


def _known(value: str | None, options: Sequence[str]) -> str | None:
    return value if value in options else None


def _date(written: str) -> date | None:
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None

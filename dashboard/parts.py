"""Parts of a page that refresh by themselves, without moving or losing what is being read."""

import functools
from collections.abc import Callable
from typing import ParamSpec

import streamlit as st

from dashboard import auth, widgets
from monitor.errors import StoreError

P = ParamSpec("P")


def refreshing(seconds: int) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Draw a part anew every so many seconds.

    A visit that has ended leads back to the gate; a database that refuses is told in words.
    """

    def refreshed(draw: Callable[P, None]) -> Callable[P, None]:
        @functools.wraps(draw)
        def part(*args: P.args, **kwargs: P.kwargs) -> None:
            if not auth.is_signed_in():
                st.rerun()
            try:
                draw(*args, **kwargs)
            except StoreError as error:
                widgets.refuse(error)

        return st.fragment(part, run_every=seconds)

    return refreshed

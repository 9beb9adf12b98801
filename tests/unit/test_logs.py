"""Secrets never stand in the log, not even inside a traceback."""

import io
import logging
from collections.abc import Iterator
from contextlib import redirect_stderr

import pytest

from monitor.logs import Redaction, set_up_logging


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    """The root of all loggers, as it was before."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield root
    root.handlers[:] = handlers
    root.setLevel(level)


def logged(secrets: list[str], message: str, error: Exception | None = None) -> str:
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(Redaction(secrets))
    logger = logging.Logger("test")
    logger.addHandler(handler)
    logger.error(message, exc_info=error)
    return out.getvalue()


def test_secret_is_blotted_out() -> None:
    line = logged(["s3cret-token", "s3cret"], "GET https://a.example/?token=s3cret-token failed")
    assert "token=*** failed" in line


def test_secret_in_a_traceback_is_blotted_out() -> None:
    assert "hunter2" not in logged(["hunter2"], "failed", ValueError("login as hunter2"))


def test_empty_and_tiny_secrets_do_not_blot_out_everything() -> None:
    assert "a message" in logged(["", "a"], "a message")


def test_lines_go_to_what_stands_in_for_stderr_at_that_moment(root: logging.Logger) -> None:
    set_up_logging()
    stand_in = io.StringIO()
    with redirect_stderr(stand_in):
        root.info("kesken palkin")
    root.info("palkin jälkeen")
    assert "kesken palkin" in stand_in.getvalue()
    assert "palkin jälkeen" not in stand_in.getvalue()

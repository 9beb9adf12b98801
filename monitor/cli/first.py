"""The first reading of new sources while the service runs, as a progress bar. Only looks, fetches nothing."""

from contextlib import ExitStack

from monitor.app import App
from monitor.cli.output import Step, Terminal
from monitor.errors import StoreError
from monitor.store import reads


class FirstReading:
    """A bar that stands until every source that was new at the start has been fetched once."""

    def __init__(self, app: App, terminal: Terminal) -> None:
        self._app = app
        self._shown = ExitStack()
        self._left = set(app.parts.sources) - self._heard()
        self._step: Step | None = None
        if self._left:
            bar = terminal.progress("Reading new sources the first time", len(self._left))
            self._step = self._shown.enter_context(bar)

    def look(self) -> None:
        """Move the bar on, and take it away at the end."""
        if self._step is None:
            return
        try:
            done = self._left & self._heard()
        except StoreError:  # whoever writes tells of it; a bar is not worth the service
            return
        self._left -= done
        self._step.advance(len(done))
        if not self._left:
            self.close()

    def close(self) -> None:
        """Take the bar away."""
        self._step = None
        self._shown.close()

    def _heard(self) -> set[str]:
        with self._app.store.reading() as session:
            states = reads.source_states(session)
        return {slug for slug, state in states.items() if state.last_run_at or state.is_paused}

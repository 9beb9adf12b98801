"""What a command shows: colours and progress bars on a terminal, plain lines elsewhere."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from monitor.errors import Mistake


class Step:
    """One running job of a progress bar; `advance` tells that some of it is done."""

    def __init__(self, progress: Progress | None, name: str, total: int | None) -> None:
        self._progress = progress
        self._task = progress.add_task(escape(name), total=total) if progress else None

    def advance(self, number: int = 1) -> None:
        if self._progress is not None and self._task is not None:
            self._progress.advance(self._task, number)

    def beside(self, name: str, total: int | None = None) -> "Step":
        """A further line for a part of the work; threads may have one each."""
        return Step(self._progress, name, total)

    def end(self) -> None:
        """Take the line away."""
        if self._progress is not None and self._task is not None:
            self._progress.remove_task(self._task)
            self._task = None


class Terminal:
    """Results go to standard output, everything that is said about them to standard error."""

    def __init__(self) -> None:
        self.out = Console(soft_wrap=True, highlight=False)
        self.err = Console(stderr=True, soft_wrap=True, highlight=False)

    def say(self, line: str) -> None:
        """Tell how it goes."""
        self.err.print(escape(line))

    def good(self, line: str) -> None:
        self.err.print(f"[green]ok[/]     {escape(line)}")

    def warn(self, line: str) -> None:
        self.err.print(f"[yellow]note[/]   {escape(line)}")

    def bad(self, line: str) -> None:
        self.err.print(f"[red]wrong[/]  {escape(line)}")

    def error(self, line: str) -> None:
        self.err.print(f"[red]mainevahti:[/] {escape(line)}")

    def mistakes(self, mistakes: Sequence[Mistake]) -> None:
        """Show every mistake of the configuration or the command line, with what to do."""
        many = "mistake" if len(mistakes) == 1 else "mistakes"
        typed = all(mistake.path.startswith("--") for mistake in mistakes)
        self.error(f"{len(mistakes)} {many} {'on the command line' if typed else 'in the configuration'}:")
        for mistake in mistakes:
            self.err.print(
                f"  [bold]{escape(mistake.path)}[/]: {escape(mistake.problem)} {escape(mistake.remedy)}"
            )

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """Show a table; tab-separated lines when nobody watches."""
        if not self.out.is_terminal:
            for row in (columns, *rows):
                self.line("\t".join(row))
            return
        table = Table(*columns)
        for row in rows:
            table.add_row(*(escape(cell) for cell in row))
        self.out.print(table)

    def line(self, text: str) -> None:
        """Write one line of the result, untouched."""
        sys.stdout.write(text + "\n")

    @contextmanager
    def progress(self, name: str, total: int | None = None) -> Iterator[Step]:
        """Show a progress bar while work goes on; one plain line when nobody watches."""
        if not self.err.is_terminal:
            self.say(f"{name} ...")
            yield Step(None, name, total)
            return
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self.err, transient=True) as progress:
            yield Step(progress, name, total)

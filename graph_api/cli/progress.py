"""Progress of what takes its time: bars where somebody looks, a line where nobody does."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console, RenderableType
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from graph_api.cli.screen import say
from graph_api.neo4j_local import Report, Step

LONG_SECONDS: Final = 1.0


class Amount(ProgressColumn):
    """How much of a step is done, in the step's own unit."""

    columns: Final = {"bytes": DownloadColumn(), "rows": MofNCompleteColumn(), "seconds": TimeElapsedColumn()}

    def render(self, task: Task) -> RenderableType:
        """Bytes of bytes, rows of rows, or a clock."""
        return self.columns[task.fields["unit"]].render(task)


class Steps:
    """The bars of one piece of work, one a label."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}
        self._begun: dict[str, float] = {}

    def draw(self, label: str, done: int, total: int, unit: str) -> None:
        """Show how far a step is; a total of 0 means that nobody knows how long it takes."""
        if not self._bars.console.is_terminal:
            self._tell(label)
            return
        if label not in self._tasks:
            self._tasks[label] = self._bars.add_task(label, unit=unit)
        self._bars.update(self._tasks[label], completed=done, total=total or None)

    def _tell(self, label: str) -> None:
        """Say once that a step takes long."""
        begun = self._begun.setdefault(label, time.monotonic())
        if time.monotonic() - begun > LONG_SECONDS:
            self._begun[label] = float("inf")
            say(f"{label} ...")


@contextmanager
def steps() -> Iterator[Steps]:
    """Bars on standard error, gone when the work is done."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), Amount())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        yield Steps(bars)


@contextmanager
def database_progress() -> Iterator[Report]:
    """Draw the steps of a local database that starts."""
    with steps() as drawn:

        def report(step: Step) -> None:
            drawn.draw(step.label, step.done, step.total, step.unit)

        yield report


@contextmanager
def count_progress(label: str, unit: str) -> Iterator[Callable[[int, int], None]]:
    """Draw how many rows or bytes of how many are done; until the first are, that the work goes on."""
    with steps() as drawn:
        drawn.draw(label, 0, 0, unit)
        yield lambda done, total: drawn.draw(label, done, total, unit)

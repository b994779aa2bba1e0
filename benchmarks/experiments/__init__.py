"""The experiments, each a function of the run that adds its rows to the results."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from benchmarks.arena import Arena
from benchmarks.catalogue import LARGE, ROADMAPS
from benchmarks.contestants import Contestant
from benchmarks.measure import Sample
from benchmarks.results import Results, Row


@dataclass(slots=True, kw_only=True)
class Run:
    """How it is measured, and where its rows go: windows of `seconds`, in `rounds`.

    `folder` keeps databases between runs, `logs` is for this run alone. `earlier` is ours of another
    checkout, which then takes part in the reads.
    """

    rounds: int
    seconds: float
    clients: Sequence[int]
    folder: Path
    logs: Path
    stack: ExitStack
    earlier: Contestant | None = None
    results: Results = field(default_factory=Results)
    _arenas: dict[int, Arena] = field(default_factory=dict)

    def arena(self, *, large: bool = False) -> Arena:
        """The servers over the catalogue, or over the large one; started when they are first needed."""
        roadmaps = ROADMAPS * (LARGE if large else 1)
        if roadmaps not in self._arenas:
            logs = self.logs / f"logs-{roadmaps}"
            arena = Arena(folder=self.folder, logs=logs, roadmaps=roadmaps)
            self._arenas[roadmaps] = self.stack.enter_context(arena)
        return self._arenas[roadmaps]

    def interleave(
        self, experiment: str, mode: str, clients: int, everybody: Iterable[tuple[str, Callable[[], Sample]]]
    ) -> None:
        """Let everybody be measured in turn, once a round, and add a row for each."""
        samples: dict[str, list[Sample]] = {}
        turns = list(everybody)
        for _ in range(self.rounds):
            for who, measure in turns:
                samples.setdefault(who, []).append(measure())
        for who, found in samples.items():
            row = Row(experiment=experiment, mode=mode, clients=clients, who=who, samples=found)
            self.results.add(row)


Experiment: TypeAlias = Callable[[Run], None]
Everybody: TypeAlias = Sequence[Contestant]

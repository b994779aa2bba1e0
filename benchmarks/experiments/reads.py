"""(a) to (d): reads by everybody, warm with every request different, unseen documents, and one repeated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from benchmarks.contestants import APOLLO, BARE, CYPHER, NAIVE, OURS, UNCACHED, Contestant
from benchmarks.deck import Mode
from benchmarks.experiments import Everybody, Experiment, Run
from benchmarks.measure import Sample
from benchmarks.question import Kind

KINDS: Final[dict[str, Kind]] = {"a": "page", "b": "topics", "c": "topic", "d": "search"}

# What a mode cannot show of somebody is left out: the bare route knows one answer, and without caches
# it makes no difference whether a request is repeated.
_WHO: Final[dict[Mode, Everybody]] = {
    "varied": (OURS, UNCACHED, APOLLO, NAIVE, CYPHER),
    "unseen": (OURS, APOLLO, NAIVE, CYPHER),
    "repeated": (OURS, APOLLO, NAIVE, CYPHER, BARE),
}
_MODES: Final[dict[str, tuple[Mode, ...]]] = {
    "a": ("varied", "repeated", "unseen"),
    "b": ("varied", "repeated"),
    "c": ("varied", "repeated"),
    "d": ("varied",),
}


def reads(letter: str) -> Experiment:
    """The experiment of a letter."""

    def measure(run: Run) -> None:
        kind, arena = KINDS[letter], run.arena()
        earlier = () if run.earlier is None else (run.earlier,)
        arena.check((OURS, UNCACHED, APOLLO, NAIVE, CYPHER, *earlier), [kind])
        for mode in _MODES[letter]:
            for clients in run.clients:
                everybody = (
                    (who.name, _turn(run, who, kind, mode, clients)) for who in (*_WHO[mode], *earlier)
                )
                run.interleave(letter, mode, clients, everybody)

    return measure


def _turn(run: Run, who: Contestant, kind: Kind, mode: Mode, clients: int) -> Callable[[], Sample]:
    return lambda: run.arena().window(who, kind, mode, clients=clients, seconds=run.seconds)

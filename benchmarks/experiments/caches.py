"""What each cache earns: ours against ours without it, on (a) to (c), varied and repeated."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.contestants import Contestant, variant
from benchmarks.deck import Mode
from benchmarks.experiments import Run
from benchmarks.experiments.reads import KINDS
from benchmarks.measure import Sample
from benchmarks.question import Kind
from benchmarks.switches import SWITCHES

CLIENTS = 16
ALL = variant("all", "ours with all of them", {})
"""A server of its own, as those without have: what was asked before has pushed nothing out."""


def without(switch: str) -> Contestant:
    """Ours without one cache."""
    return variant(f"no-{switch}", f"ours without {switch}", SWITCHES[switch])


def caches(run: Run) -> None:
    """A row for each cache that is off, and one for all that are on."""
    everybody = [ALL, *(without(switch) for switch in SWITCHES)]
    for letter in "abc":
        for mode in ("varied", "repeated"):
            turns = ((who.name, _turn(run, who, KINDS[letter], mode)) for who in everybody)
            run.interleave("caches", f"{letter} {mode}", CLIENTS, turns)


def _turn(run: Run, who: Contestant, kind: Kind, mode: Mode) -> Callable[[], Sample]:
    return lambda: run.arena().window(who, kind, mode, clients=CLIENTS, seconds=run.seconds)

"""The cheapest selection that meets an aim: reduce, solve what is left, forbid circles as they turn up."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic
from typing import Final

from graph_api.knowledge.path.circles import circles
from graph_api.knowledge.path.greedy import greedy, thinned
from graph_api.knowledge.path.program import Program
from graph_api.knowledge.path.reduced import Reduced, Row, reduced
from graph_api.knowledge.path.reduction import Bits, Structure, derivable, ones, restricted

GRACE_SECONDS: Final = 0.02
"""What may be spent after the deadline to make a selection better that is not proven."""


@dataclass(frozen=True, slots=True)
class Found:
    """The best selection found (numbers in the graph, without the aim), its cost and its proven bound."""

    topics: frozenset[int]
    cost: int
    bound: int

    @property
    def optimal(self) -> bool:
        """Whether nothing cheaper exists."""
        return self.cost == self.bound


def search(structure: Structure, deadline: float) -> Found | None:
    """A cheapest founded selection, or the best found by `deadline` (of `time.monotonic`).

    None when the aim is out of reach. What the reduction leaves open is a 0/1 program in which a
    selection may still go round in circles; each circle found is forbidden by loop formulas (Lin and
    Zhao, "ASSAT", 2004, here for thresholds) and the program is solved again, so its bound
    always holds. Exponential at worst, as set cover is a special case.
    """
    order = derivable(structure)
    if structure.aim not in order:
        return None
    structure = restricted(structure, sum(1 << topic for topic in order))
    left = reduced(structure, deadline)
    bound = _cost(left.structure, left.forced)
    if not left.rows and not circles(left.structure, left.forced):
        return _found(left.structure, left.forced, bound)
    selection, beside = _solve(left, deadline)
    bound += beside
    if selection is None or _cost(left.structure, selection) > bound or circles(left.structure, selection):
        selection = _best_quickly(left.structure, selection)
    return _found(left.structure, selection, bound)


def _solve(left: Reduced, deadline: float) -> tuple[Bits | None, int]:
    """The program's last selection, perhaps not founded, and a bound of its cost beside the forced topics."""
    program = Program(left.free, [left.structure.cost[topic] for topic in left.free], left.rows)
    selection, bound = None, 0
    while (seconds := deadline - monotonic()) > 0:
        answer = program.solve(seconds)
        bound = max(bound, answer.bound)
        if answer.chosen is None:
            break
        selection = left.forced | sum(1 << topic for topic in answer.chosen)
        cuts = circles(left.structure, selection)
        if not cuts:
            break
        program.add([_unconditional(row, left.forced) for row in cuts])
    return selection, bound


def _unconditional(row: Row, forced: Bits) -> Row:
    """The row without its condition where that holds anyway."""
    return row._replace(topic=None) if row.topic is not None and forced >> row.topic & 1 else row


def _best_quickly(structure: Structure, selection: Bits | None) -> Bits:
    """The better of a greedy selection and the given one, completed if it goes in circles; both thinned."""
    candidates = [greedy(structure)]
    if selection is not None:
        candidates.append(greedy(structure, free=selection))
    until = monotonic() + GRACE_SECONDS
    thin = (thinned(structure, candidate, until) for candidate in candidates)
    return min(thin, key=lambda selection: _cost(structure, selection))


def _cost(structure: Structure, selection: Bits) -> int:
    return sum(structure.cost[topic] for topic in ones(selection))


def _found(structure: Structure, selection: Bits, bound: int) -> Found:
    cost = _cost(structure, selection)
    topics = frozenset(structure.topics[topic] for topic in ones(selection) if topic != structure.aim)
    return Found(topics, cost, min(bound, cost))

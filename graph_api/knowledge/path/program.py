"""A 0/1 program: the cheapest choice of topics that fulfils rows, solved exactly by HiGHS."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import ceil, isfinite
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
from highspy import HighsLp, HighsModelStatus, HighsVarType, MatrixFormat, SolutionStatus, kHighsInf

# The public class of highspy prints a banner on standard output before it can be told to be quiet.
from highspy._core import _Highs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from graph_api.knowledge.path.reduced import Row

_Floats: TypeAlias = "NDArray[np.float64]"
_Ints: TypeAlias = "NDArray[np.int32]"

FEW_COLUMNS: Final = 100
"""Up to here the search for a first solution costs more than all the rest."""

TOLERANCE: Final = 1e-6

LARGEST_COST: Final = 1e8
"""Larger costs are divided by as much for HiGHS, which computes to about nine places."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The best choice found, None where there was no time for one, and the proven bound of its cost.

    The choice is a cheapest one exactly when its cost is `bound`.
    """

    chosen: frozenset[int] | None
    bound: int


class Program:
    """Columns are topics with integer costs >= 0; rows may be added between solves.

    HiGHS runs on one thread with a fixed seed, so that equal programs have equal answers, and lets
    go of Python's global lock while it runs. Different programs can be solved in different threads.
    """

    def __init__(self, columns: Sequence[int], cost: Sequence[int], rows: Sequence[Row]) -> None:
        self._columns = columns
        self._cost = cost
        self._divisor = max(max(cost, default=0) / LARGEST_COST, 1.0)
        self._column = {topic: index for index, topic in enumerate(columns)}
        self._highs = _Highs()
        options: dict[str, bool | int | float | str] = {
            "output_flag": False,
            "threads": 1,
            "random_seed": 0,
            "mip_rel_gap": 0.0,
            # Costs are integers: a gap below 1 is none.
            "mip_abs_gap": 0.99 / self._divisor,
            "mip_heuristic_run_feasibility_jump": len(columns) > FEW_COLUMNS,
        }
        for name, value in options.items():
            self._highs.setOptionValue(name, value)
        self._highs.passModel(self._model(rows))

    def _model(self, rows: Sequence[Row]) -> HighsLp:
        lower, start, index, value = self._arrays(rows)
        lp = HighsLp()
        lp.num_col_, lp.num_row_ = len(self._columns), len(rows)
        lp.col_cost_ = np.array([cost / self._divisor for cost in self._cost])
        lp.col_lower_ = np.zeros(lp.num_col_)
        lp.col_upper_ = np.ones(lp.num_col_)
        lp.integrality_ = [HighsVarType.kInteger] * lp.num_col_
        lp.row_lower_ = lower
        lp.row_upper_ = np.full(lp.num_row_, kHighsInf)
        lp.a_matrix_.format_ = MatrixFormat.kRowwise
        lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = start, index, value
        return lp

    def _arrays(self, rows: Sequence[Row]) -> tuple[_Floats, _Ints, _Ints, _Floats]:
        """Rows `sum of x[of] - need * x[topic] >= 0`, or `>= need` where the topic is needed anyway."""
        index: list[int] = []
        value: list[float] = []
        for topic, need, of in rows:
            index += (self._column[member] for member in of)
            value += [1.0] * len(of)
            if topic is not None:
                index.append(self._column[topic])
                value.append(-float(need))
        lengths = (len(row.of) + (row.topic is not None) for row in rows)
        lower = np.array([0.0 if row.topic is not None else float(row.need) for row in rows])
        start = np.fromiter(accumulate(lengths, initial=0), dtype=np.int32)
        return lower, start, np.array(index, dtype=np.int32), np.array(value)

    def add(self, rows: Sequence[Row]) -> None:
        """Asks for more rows of the same columns in later solves."""
        lower, start, index, value = self._arrays(rows)
        self._highs.addRows(
            len(rows), lower, np.full(len(rows), kHighsInf), len(index), start[:-1], index, value
        )

    def solve(self, seconds: float) -> Answer:
        """The cheapest choice, or the best found in about that time; the rows must be satisfiable."""
        self._highs.setOptionValue("time_limit", max(seconds, 0.0))
        self._highs.run()
        info = self._highs.getInfo()
        # HiGHS has no bound yet when it gives an infinite one.
        dual = info.mip_dual_bound if isfinite(info.mip_dual_bound) else 0.0
        bound = max(ceil((dual - TOLERANCE) * self._divisor), 0)
        if info.primal_solution_status != SolutionStatus.kSolutionStatusFeasible:
            return Answer(None, bound)
        values = self._highs.getSolution().col_value
        chosen = [column for column, value in enumerate(values) if round(value)]
        cost = sum(self._cost[column] for column in chosen)
        optimal = self._highs.getModelStatus() == HighsModelStatus.kOptimal
        topics = frozenset(self._columns[column] for column in chosen)
        return Answer(topics, cost if optimal else min(bound, cost))

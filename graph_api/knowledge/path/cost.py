"""What a cheapest path is cheapest in, and its amounts as integers, so that equal and less are exact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, isfinite
from typing import Final

from graph_api.errors import BadInput

DECIMALS: Final = 6
"""Amounts are counted in millionths at the finest; what is finer is rounded."""


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of a topic: (per_hour * hours + per_topic), times optional_factor where it is optional.

    Raises BadInput for a weight that is negative or not finite and for a factor below 1.
    """

    per_hour: float = 1.0
    per_topic: float = 0.0
    optional_factor: float = 1.0

    def __post_init__(self) -> None:
        weights = (self.per_hour, self.per_topic, self.optional_factor)
        if not all(isfinite(weight) and weight >= 0 for weight in weights) or self.optional_factor < 1:
            raise BadInput("The weights of a cost are finite and not negative, its factor at least 1.")

    def of(self, hours: float, *, optional: bool) -> float:
        """The cost of one topic of that many hours."""
        return (self.per_hour * hours + self.per_topic) * (self.optional_factor if optional else 1.0)


HOURS: Final = Cost()
"""The fewest hours."""

TOPICS: Final = Cost(per_hour=0.0, per_topic=1.0)
"""The fewest topics."""


def hours_avoiding_optional(factor: float) -> Cost:
    """The fewest hours, where an hour of an optional topic counts as `factor` >= 1 hours."""
    return Cost(optional_factor=factor)


@dataclass(frozen=True, slots=True)
class Scale:
    """Amounts as integers: `amounts[i] * unit` is the i-th, rounded to DECIMALS places.

    `ranked` are the integers to minimise: they compare sums of amounts first and then numbers of topics,
    so that of two equally dear paths the one with fewer topics is cheaper, and no topic is free.
    """

    amounts: tuple[int, ...]
    unit: Fraction

    @classmethod
    def of(cls, amounts: Sequence[float]) -> Scale:
        """The coarsest unit of which all amounts are multiples."""
        if all(amount.is_integer() for amount in amounts):
            fine, decimals = [int(amount) for amount in amounts], 0
        else:
            fine, decimals = [round(Fraction(repr(amount)) * 10**DECIMALS) for amount in amounts], DECIMALS
        unit = gcd(*fine) or 1
        return cls(tuple(amount // unit for amount in fine), Fraction(unit, 10**decimals))

    @property
    def ranked(self) -> tuple[int, ...]:
        """The amounts, refined by counting topics."""
        finer = len(self.amounts) + 1
        return tuple(amount * finer + 1 for amount in self.amounts)

    def amount(self, ranked: int) -> float:
        """A sum or a lower bound of `ranked` as an amount."""
        return float(ranked // (len(self.amounts) + 1) * self.unit)

"""The months of the driver's dates, counted when one is asked for.

As it is imported, the driver makes a table of the 120,000 months of its 10,000 years, with a key
each: 28 MB, a tenth of all that a process takes, for the one date in an entry of the history.
"""

from __future__ import annotations

from calendar import monthrange
from typing import Final

from neo4j import time

TABLE: Final = "_DAYS_IN_MONTH"
"""Its name in the driver; where it has another one day, that one stays as it is, and a test says so."""


class Months(dict[tuple[int, int], int]):
    """How many days months have, by year and month; it keeps none."""

    def __missing__(self, month: tuple[int, int]) -> int:
        return monthrange(*month)[1]


def count_when_asked() -> None:
    """Let the driver's table go."""
    if hasattr(time, TABLE):
        setattr(time, TABLE, Months())

"""When a path is learned: stages side by side, the critical path, and a calendar of weeks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from math import ceil, fsum, isfinite
from typing import TYPE_CHECKING, Final

from graph_api.errors import BadInput
from graph_api.knowledge.schedule.critical import longest_wait

if TYPE_CHECKING:
    from graph_api.knowledge.graph import PrerequisiteGraph
    from graph_api.knowledge.model import Slug

HOURS_OF_A_WEEK: Final = 168
_SATURDAY: Final = 5


@dataclass(frozen=True, slots=True)
class CriticalPath:
    """What a path takes at least, however much is learned side by side, and the topics that take it.

    Each of `topics` waits for the one before it; `hours` is the sum of their hours.
    """

    topics: tuple[Slug, ...]
    hours: float


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a topic that falls in one week, from `first` to `last`, both included.

    week    0 for the seven days that begin with the calendar's first day, and so on
    hours   exact; 0 only for a topic of no hours, which has one part
    """

    topic: Slug
    week: int
    first: date
    last: date
    hours: Fraction


@dataclass(frozen=True, slots=True)
class Calendar:
    """A path's steps one after another; `hours` is the exact sum of all parts, `last` None for no steps."""

    parts: tuple[Part, ...]
    first: date
    last: date | None
    hours: Fraction


def stages(
    graph: PrerequisiteGraph, steps: Sequence[Slug], known: Iterable[Slug] = ()
) -> tuple[tuple[Slug, ...], ...]:
    """The steps in stages, each as early as it can be: those of one stage can be learned side by side.

    The topological generations of the path as it is: a step stands right after the stage in which its
    groups are met by known topics and steps. Within a stage steps keep their order. Raises UnknownSlugs,
    and BadInput when some steps can never be learned. O(edges).
    """
    rounds = graph.rounds(graph.mask(known), within=graph.mask(steps))
    by_round: dict[int, list[Slug]] = {}
    for slug, number in zip(dict.fromkeys(steps), rounds[graph.numbers(dict.fromkeys(steps))], strict=True):
        by_round.setdefault(int(number), []).append(slug)
    if -1 in by_round:
        raise BadInput(f"These steps cannot be learned from what is known: {', '.join(by_round[-1])}.")
    return tuple(tuple(by_round[number]) for number in sorted(by_round))


def critical_path(
    graph: PrerequisiteGraph, steps: Sequence[Slug], known: Iterable[Slug] = ()
) -> CriticalPath:
    """The chain of steps that decides when the last one is learned, if all is learned as soon as it can be.

    Of alternatives that are both steps the one that is learned first counts. Raises UnknownSlugs, and
    BadInput when some steps can never be learned. O(edges log steps).
    """
    topics, stuck = longest_wait(graph, graph.numbers(steps).tolist(), set(graph.numbers(known).tolist()))
    if stuck:
        names = ", ".join(graph.slugs[topic] for topic in stuck)
        raise BadInput(f"These steps cannot be learned from what is known: {names}.")
    return CriticalPath(
        tuple(graph.slugs[topic] for topic in topics), fsum(graph.hours[topic] for topic in topics)
    )


def calendar(
    steps: Iterable[tuple[Slug, float]], *, hours_per_week: float, start: date, working_days: bool = False
) -> Calendar:
    """The steps, (slug, hours) each, one after another from `start` on, split where a week ends.

    The hours of a week are spread evenly over its seven days, or over Monday to Friday; then a start on
    a weekend means the Monday after it. All sums are exact: hours count as the decimals they are
    written as.

    Raises BadInput unless 0 < hours_per_week <= 168, for hours that are negative or not finite, and when
    the last day would be after the year 9999. O(parts).
    """
    if not 0 < hours_per_week <= HOURS_OF_A_WEEK:
        raise BadInput(f"Hours a week must be more than 0 and at most {HOURS_OF_A_WEEK}.")
    amounts = [(slug, _exact(hours)) for slug, hours in steps]
    days = _Days(start, _exact(hours_per_week), working_days=working_days)
    total = sum((hours for _, hours in amounts), Fraction(0))
    last = days.last(total) if amounts else None
    return Calendar(tuple(_parts(amounts, days)), days.first, last, total)


def _exact(hours: float) -> Fraction:
    if not (isfinite(hours) and hours >= 0):
        raise BadInput("Hours must be a finite number, not negative.")
    return Fraction(repr(float(hours)))


def _parts(amounts: Iterable[tuple[Slug, Fraction]], days: _Days) -> Iterator[Part]:
    done = Fraction(0)
    for slug, hours in amounts:
        end = done + hours
        if not hours:
            day = days.last(done)
            yield Part(slug, (day - days.first).days // 7, day, day, hours)
        while done < end:
            week = done // days.per_week
            until = min(end, (week + 1) * days.per_week)
            yield Part(slug, week, days.at(done // days.per_day), days.last(until), until - done)
            done = until


class _Days:
    """The days of learning, numbered from 0, and how many hours are learned on each."""

    def __init__(self, start: date, per_week: Fraction, *, working_days: bool) -> None:
        self.per_week = per_week
        self.per_day = per_week / (5 if working_days else 7)
        self._working = working_days
        try:
            weekend = max(7 - start.weekday(), 0) if working_days and start.weekday() >= _SATURDAY else 0
            self.first = start + timedelta(days=weekend)
        except OverflowError:
            raise _too_late() from None

    def last(self, hours: Fraction) -> date:
        """The day on which so many hours have been learned."""
        return self.at(max(ceil(hours / self.per_day) - 1, 0))

    def at(self, number: int) -> date:
        days = number
        if self._working:
            weeks, rest = divmod(number, 5)
            over_weekend = 2 if self.first.weekday() + rest >= _SATURDAY else 0
            days = 7 * weeks + rest + over_weekend
        if days > date.max.toordinal() - self.first.toordinal():
            raise _too_late()
        return self.first + timedelta(days=days)


def _too_late() -> BadInput:
    return BadInput("At so few hours a week this would end after the year 9999.")

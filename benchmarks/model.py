"""A model of many learners: what a peak asks of each part, from what one request was measured to cost.

    python benchmarks/model.py [--report docs/benchmarks.json] [--learners 1e7] [--topics 1e6] ...

Prints Markdown; docs/scaling.md holds it as it comes without arguments. Every assumption is an argument, and
every measured figure stands in `measured.py`; a report of `make bench` replaces those that it has. It
computes and measures nothing; `sharing.py` has the formulas of the caches.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Final

from benchmarks.measured import MEASURED, Measured
from benchmarks.sharing import Kept, Page, at_rank, pages, passed

DAY: Final = 86_400
MOST_STREAMS: Final = 5_000
ANSWERS: Final = 16e6
ENTITIES: Final = 100_000
"""The defaults of the settings MAX_STREAMS, ANSWERS_MEGABYTES and ENTITIES_KEPT."""

LOOKS: Final = 3.0
"""Statements a second of a process with subscribers: one for REVISION_POLL, two for FEED_POLL."""

OUT_OF_REACH: Final = 10**9
"""Replicas where none has time left for anything but to follow what changes."""

SIZES: Final = (4_500, 45_000, 100_000, 1_000_000)


def _given(default: float, why: str) -> Any:
    return field(default=default, metadata={"why": why})


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """What is assumed of people and content; nobody has measured it."""

    learners: float = _given(1e7, "people who have an account")
    topics: float = _given(1e6, "topics")
    placed: float = _given(90, "topics of a roadmap, as in the catalogue that was measured")
    near: float = _given(20, "topics that the page of a topic names, with all it rests on")
    pages: float = _given(6, "pages a visit: a roadmap or two, and topics from there")
    roadmap_share: float = _given(0.4, "of the pages are roadmaps, as in `http_cache.py`")
    searches: float = _given(0.5, "searches a visit: every other one looks for something")
    steps: float = _given(1, "times a visit that somebody asks for the own next step")
    records: float = _given(2, "topics that a visit records as learned")
    minutes: float = _given(30, "length of a visit")
    followers: float = _given(0.2, "of the visitors hold a subscription while they are there")
    changes: float = _given(0.1, "content writes a second: 300 editors, each one in 50 minutes")
    moving: float = _given(0.2, "of the content writes change what rests on what")
    exponent: float = _given(0.8, "e: the page of rank r is asked for in proportion to 1/r^e")
    max_age: float = _given(10, "seconds that the HTTP cache keeps an answer: `TRUSTED_MAX_AGE`")
    filled: float = _given(0.6, "of a core is used at the peak; beyond, queues grow")
    spare: float = _given(2, "replicas more: one may fail while another is replaced")
    together: float = _given(0, "1: a page goes to the same replica each time, so what they keep adds up")


@dataclass(frozen=True, slots=True)
class Crowd:
    """A day: the share of all learners who come, once, and how much more than the mean the peak is."""

    title: str
    active: float
    peak: float


CROWDS: Final = (
    Crowd("a usual day: 5 % come, peak 3x", 0.05, 3),
    Crowd("a busy day: 20 %, 5x", 0.2, 5),
    Crowd("everybody on one day: 5x", 1.0, 5),
)


@dataclass(frozen=True, slots=True)
class Peak:
    """What a crowd asks for at its peak; rates are a second, cores and megabytes those of all replicas."""

    visits: float
    asked: float
    cache: float
    answers: float
    entities: float
    cores: float
    replicas: int
    nginx: float
    sockets: float
    statements: float
    records: float
    database: float
    network: float
    memory: float
    stored: float


def peak(crowd: Crowd, given: Assumptions, known: Measured) -> Peak:
    """What a crowd asks for. The more replicas, the less each finds kept: computed until it stands."""
    replicas = 1
    while (found := _peak(crowd, given, known, replicas)).replicas > replicas:
        replicas = found.replicas
    return found


def _peak(crowd: Crowd, given: Assumptions, known: Measured, replicas: int) -> Peak:
    visits = given.learners * crowd.active / DAY * crowd.peak
    seen = list(_pages(given, known, visits * given.pages))
    kept = _kept(given, seen, replicas)
    behind = kept | {
        "search": visits * given.searches,
        "step": visits * given.steps,
        "record": visits * given.records,
    }
    hits = visits * given.pages - sum(kept.values())
    sockets = visits * given.minutes * 60 * given.followers
    cores = _cores(behind, given, known)
    needed = _needed(cores, sockets, given, known)
    return Peak(
        visits=visits,
        asked=hits + sum(behind.values()),
        cache=hits / (visits * given.pages),
        answers=_share(kept, "kept"),
        entities=_share({kind: rate for kind, rate in kept.items() if "kept" not in kind}, "warm"),
        cores=cores,
        replicas=needed,
        nginx=(hits * known.hitting + sum(behind.values()) * known.passing) / 1000,
        sockets=sockets,
        statements=sum(rate * known.costs[kind].statements for kind, rate in behind.items()) + LOOKS * needed,
        records=behind["record"],
        database=sum(rate * known.costs[kind].database for kind, rate in behind.items()) / 1000,
        network=sum(page.count * page.rate * page.size for page in seen) * 8 / 1e6,
        memory=needed * known.megabytes(given.topics, entities=ENTITIES, answers=ANSWERS),
        stored=given.learners * crowd.active * given.records * 365 * known.stored / 1e9,
    )


def _cores(behind: Mapping[str, float], given: Assumptions, known: Measured) -> float:
    """The cores that requests fill which come to a replica, by kind a second."""
    used = sum(rate * known.costs[kind].api for kind, rate in behind.items())
    return (used + behind["step"] * known.growth_of_step(given.topics)) / 1000


def _needed(cores: float, sockets: float, given: Assumptions, known: Measured) -> int:
    """The replicas for these cores and sockets: each also follows all that is written."""
    room = given.filled - given.changes * given.moving * known.seconds_to_move(given.topics)
    if room <= 0:
        return OUT_OF_REACH
    return math.ceil(max(cores / room, sockets / MOST_STREAMS)) + int(given.spare)


def _pages(given: Assumptions, known: Measured, rate: float) -> Iterator[Page]:
    """All pages, how often each is asked for, and what it takes in a cache."""
    kinds = (
        ("roadmap", given.topics / given.placed, given.roadmap_share),
        ("topic", given.topics, 1 - given.roadmap_share),
    )
    for kind, count, share in kinds:
        size = known.costs[f"{kind} kept"].size
        yield from pages(kind, int(count), share * rate, exponent=given.exponent, size=size)


def _kept(given: Assumptions, seen: Sequence[Page], replicas: int) -> dict[str, float]:
    """Pages a second that the HTTP cache passes on, by kind and by what the replica has kept for them."""
    among, space = (1, replicas) if given.together else (replicas, 1)
    behind = [passed(page, given.max_age).shared(among) for page in seen]
    answers = Kept.least_recent(behind, space * ANSWERS, lambda page: page.size, forgotten=given.changes)
    rest = [page.at(page.rate * (1 - answers.share(page))) for page in behind]
    topics = list(_topics(given, rest))
    entities = Kept.first_in(topics, space * ENTITIES, lambda _: 1)
    per = {"roadmap": given.placed, "topic": 1.0}
    found: dict[str, float] = {}
    for page, missed in zip(behind, rest, strict=True):
        warm = missed.rate * entities.share(at_rank(topics, page.rank * per[page.kind]))
        parts = {"kept": page.rate - missed.rate, "warm": warm, "cold": missed.rate - warm}
        for state, rate in parts.items():
            name = f"{page.kind} {state}"
            found[name] = found.get(name, 0.0) + rate * page.count * among
    return found


def _topics(given: Assumptions, executed: Sequence[Page]) -> Iterator[Page]:
    """How often topics are read for pages: as popular as the pages that they are read for."""
    each = {"roadmap": given.placed, "topic": given.near}
    rate = sum(page.count * page.rate * each[page.kind] for page in executed)
    yield from pages("topic", int(given.topics), rate, exponent=given.exponent, size=1)


def _share(rates: Mapping[str, float], state: str) -> float:
    """The share of the rates whose kind ends with a state."""
    return sum(rate for kind, rate in rates.items() if kind.endswith(state)) / sum(rates.values())


def _or_none(peak: Peak, figure: str) -> str:
    return figure if peak.replicas < OUT_OF_REACH else "none keeps up"


ROWS: Final[Sequence[tuple[str, Callable[[Peak], str]]]] = (
    ("visits that begin, a second", lambda peak: f"{peak.visits:,.0f}"),
    ("requests a second", lambda peak: f"{peak.asked:,.0f}"),
    ("pages that the HTTP cache answers", lambda peak: f"{peak.cache:.0%}"),
    ("of the others: an answer that a replica kept", lambda peak: f"{peak.answers:.0%}"),
    ("of those executed: from kept entities", lambda peak: f"{peak.entities:.0%}"),
    ("cores that replicas fill", lambda peak: f"{peak.cores:.1f}"),
    ("open subscriptions", lambda peak: f"{peak.sockets:,.0f}"),
    ("replicas, a core each", lambda peak: _or_none(peak, f"{peak.replicas:,}")),
    ("their memory, GB", lambda peak: _or_none(peak, f"{peak.memory / 1000:.1f}")),
    ("nginx, cores", lambda peak: f"{peak.nginx:.2f}"),
    ("statements a second", lambda peak: _or_none(peak, f"{peak.statements:,.0f}")),
    ("of them writes of progress", lambda peak: f"{peak.records:,.0f}"),
    ("Neo4j, cores", lambda peak: f"{peak.database:.1f}"),
    ("progress stored in a year of such days, GB", lambda peak: f"{peak.stored:,.0f}"),
    ("answers to pages, not compressed, Mbit/s", lambda peak: f"{peak.network:,.0f}"),
)


TOGETHER: Final[Sequence[tuple[str, Callable[[Peak], str]]]] = (
    ("*where what they keep adds up*: from kept entities", lambda peak: f"{peak.entities:.0%}"),
    ("replicas, a core each", lambda peak: _or_none(peak, f"{peak.replicas:,}")),
    ("Neo4j, cores", lambda peak: f"{peak.database:.1f}"),
)
"""What differs when the balancer sends a page to the same replica each time."""


def page(given: Assumptions, known: Measured) -> Iterator[str]:
    """The lines of the whole output."""
    yield "**Assumed**, each an argument of the script:\n"
    yield "| | | |\n|---|---|---|"
    for each in fields(given):
        yield f"| `{each.name}` | {getattr(given, each.name):,.10g} | {each.metadata['why']} |"
    yield f"\n**Measured here** ({known.when}):\n"
    yield from known.table()
    yield "\n**Computed**, at the peak:\n"
    found = [peak(crowd, given, known) for crowd in CROWDS]
    yield f"| | {' | '.join(crowd.title for crowd in CROWDS)} |\n{'|---' * (len(CROWDS) + 1)}|"
    for title, figure in ROWS:
        yield f"| {title} | {' | '.join(map(figure, found))} |"
    added = [peak(crowd, replace(given, together=1), known) for crowd in CROWDS]
    for title, figure in TOGETHER:
        yield f"| {title} | {' | '.join(map(figure, added))} |"
    yield "\n**Computed**, a process that holds the structure of so many topics:\n"
    yield from _sizes(given, known)


def _sizes(given: Assumptions, known: Measured) -> Iterator[str]:
    yield (
        "| topics | MB | MB at the most | s to build it | s of CPU to follow an edge"
        " | of a core, with the writes above | ms more for a next step |\n|---|---|---|---|---|---|---|"
    )
    for topics in SIZES:
        moved = known.seconds_to_move(topics)
        size = known.megabytes(topics, entities=min(topics, ENTITIES), answers=ANSWERS)
        yield (
            f"| {topics:,} | {size:,.0f} | {size + topics * known.structure / 1e6:,.0f}"
            f" | {known.seconds_to_build(topics):.1f} | {moved:.2f}"
            f" | {given.changes * given.moving * moved:.0%} | {known.growth_of_step(topics):.1f} |"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--report", type=Path, help="benchmarks.json, whose figures replace ours")
    for each in fields(Assumptions):
        parser.add_argument(f"--{each.name.replace('_', '-')}", type=float, default=each.default)
    options = vars(parser.parse_args())
    report = options.pop("report")
    known = MEASURED if report is None else MEASURED.replaced(report)
    print("\n".join(page(Assumptions(**options), known)))


if __name__ == "__main__":
    main()

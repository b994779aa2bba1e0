"""The goals, each as a figure of a run and whether it is reached."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from benchmarks.results import Results, Row

LARGEST_MEMORY = 300


@dataclass(frozen=True, slots=True)
class Goal:
    """One goal: what is asked, the figure found, and whether that is enough."""

    asked: str
    found: float
    unit: str
    reached: bool


def goals(results: Results) -> Iterator[Goal]:
    """Those that the run has figures for."""
    for find in (_repeated, _varied, _cold, _first, _next, _beside, _growth, _memory, _workers):
        yield from find(results)


def _at_least(asked: str, found: float | None, least: float, unit: str = "x") -> Iterator[Goal]:
    if found is not None:
        yield Goal(f"{asked}: at least {least:g}{_space(unit)}", found, unit, found >= least)


def _at_most(asked: str, found: float | None, most: float, unit: str = "x") -> Iterator[Goal]:
    if found is not None:
        yield Goal(f"{asked}: at most {most:g}{_space(unit)}", found, unit, found <= most)


def _space(unit: str) -> str:
    return unit if unit in {"x", "%"} else f" {unit}"


def _ratio(upper: Row | None, lower: Row | None, name: str = "rate") -> float | None:
    return None if upper is None or lower is None else upper.middle(name) / lower.middle(name)


def _repeated(results: Results) -> Iterator[Goal]:
    find = _finder(results, "a", "repeated", 16)
    asked, bare = "(a) repeated, 16 clients", _ratio(find("ours"), find("bare"))
    yield from _at_least(f"{asked}, of @neo4j/graphql", _ratio(find("ours"), find("apollo")), 30)
    yield from _at_least(f"{asked}, of the bare route", bare and 100 * bare, 60, "%")


def _varied(results: Results) -> Iterator[Goal]:
    for letter in "abc":
        for clients in (1, 16):
            find = _finder(results, letter, "varied", clients)
            asked = f"({letter}) warm, {_many(clients)}, of @neo4j/graphql"
            yield from _at_least(asked, _ratio(find("ours"), find("apollo")), 3)


def _cold(results: Results) -> Iterator[Goal]:
    for letter in "abc":
        for clients in (1, 16):
            find = _finder(results, letter, "varied", clients)
            asked = f"({letter}) nothing cached, {_many(clients)}"
            yield from _at_least(f"{asked}, of @neo4j/graphql", _ratio(find("uncached"), find("apollo")), 1.2)
        find = _finder(results, letter, "varied", 1)
        p50 = _ratio(find("uncached"), find("cypher"), "p50")
        yield from _at_most(f"({letter}) nothing cached, one client, median wait of one Cypher's", p50, 1.5)


def _first(results: Results) -> Iterator[Goal]:
    for letter in "abc":
        find = _finder(results, "cold", f"{letter} after a write", 1)
        asked, waits = f"({letter}) first after a write", "median wait"
        apollo = _ratio(find("apollo"), find("fresh"), "p50")
        yield from _at_least(f"{asked}, {waits} of @neo4j/graphql to ours", apollo, 1.2)
        yield from _at_most(
            f"{asked}, {waits} of one Cypher's", _ratio(find("fresh"), find("cypher"), "p50"), 1.5
        )


def _next(results: Results) -> Iterator[Goal]:
    row = results.find("e", "next", 16, "ours")
    yield from _at_least("(e) next, 16 clients", row.middle("rate") if row else None, 500, "/s")


def _beside(results: Results) -> Iterator[Goal]:
    for mode in ("writes by itself", "writes by another"):
        row = results.find("g", mode, 4, "ours")
        if row is None:
            continue
        worst, p50 = row.middle("worst"), row.middle("p50")
        yield from _at_most(f"(g) {mode}: the slowest read, of the median", worst / p50, 3)
        without = results.find("g", "no writes", 4, "ours")
        if without is not None:
            later = (worst - without.middle("worst")) / p50
            yield from _at_most(f"(g) {mode}: so much later than without a write, of the median", later, 2)


def _growth(results: Results) -> Iterator[Goal]:
    for letter in "abc":
        find = _finder(results, "growth", f"{letter} varied", 1)
        asked = f"({letter}) warm, ten times the catalogue, median wait"
        yield from _at_most(asked, _ratio(find("large"), find("ours"), "p50"), 1.3)


def _memory(results: Results) -> Iterator[Goal]:
    for row in results.of("memory"):
        largest = row.spread("memory")[1] / 1e6
        yield from _at_most("memory with 45,000 topics", largest, LARGEST_MEMORY, "MB")


def _workers(results: Results) -> Iterator[Goal]:
    for mode in ("varied", "repeated"):
        find = _finder(results, "workers", mode, 16)
        yield from _at_least(f"two processes, {mode}, of one", _ratio(find("two"), find("ours")), 1.7)


def _finder(results: Results, experiment: str, mode: str, clients: int) -> Callable[[str], Row | None]:
    return lambda who: results.find(experiment, mode, clients, who)


def _many(clients: int) -> str:
    return "one client" if clients == 1 else f"{clients} clients"

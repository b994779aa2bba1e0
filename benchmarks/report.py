"""The report of a run: Markdown for people, JSON for programs, and a plot."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sysconfig
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import orjson

from benchmarks.contestants import ALL
from benchmarks.goals import goals
from benchmarks.plot import plot
from benchmarks.results import TITLES, Results, Row

NAME: Final = "benchmarks"
SUFFIXES: Final = (".md", ".json", ".svg")
OPTIMISATIONS: Final = ("--enable-optimizations", "--with-lto")
"""What the official image of Python is configured with, and other builds may not be; see README.md."""

_HEAD: Final = (
    "| mode | clients | who | requests/s | of @neo4j/graphql | p50 ms | p99 ms | slowest ms"
    " | CPU server | CPU Neo4j | MB |\n|---|---|---|---|---|---|---|---|---|---|---|"
)


def write(folder: Path, results: Results, facts: Mapping[str, object]) -> None:
    """Write the three files into a folder."""
    machine = _machine()
    (folder / f"{NAME}.json").write_bytes(orjson.dumps(_whole(results, {**machine, **facts}), option=2))
    (folder / f"{NAME}.svg").write_text(plot(results))
    (folder / f"{NAME}.md").write_text("\n".join(_page(results, machine, facts)) + "\n")


def publish(folder: Path, docs: Path) -> None:
    """Copy the three files to where they are committed."""
    for suffix in SUFFIXES:
        shutil.copyfile(folder / f"{NAME}{suffix}", docs / f"{NAME}{suffix}")


def _machine() -> dict[str, object]:
    """What it was measured on, without its name."""
    names = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    return {
        "cores": os.cpu_count(),
        "processor": names[0].partition(":")[2].strip() if names else platform.machine(),
        "load": round(os.getloadavg()[2], 1),
        "python": f"{platform.python_version()} ({built()})",
        "node": node,
    }


def built() -> str:
    """With which optimisations this Python was configured."""
    given = str(sysconfig.get_config_var("CONFIG_ARGS"))
    lacking = [each for each in OPTIMISATIONS if each not in given]
    return f"configured without {' and '.join(lacking)}" if lacking else f"with {' and '.join(OPTIMISATIONS)}"


def _whole(results: Results, facts: Mapping[str, object]) -> dict[str, Any]:
    rows = [
        {
            "experiment": row.experiment,
            "mode": row.mode,
            "clients": row.clients,
            "who": row.who,
            "samples": [asdict(sample) for sample in row.samples],
        }
        for row in results.rows
    ]
    return {"facts": facts, "goals": [asdict(goal) for goal in goals(results)], "rows": rows}


def _page(results: Results, machine: Mapping[str, object], facts: Mapping[str, Any]) -> Iterator[str]:
    yield "# Benchmarks\n"
    yield (
        f"Ours beside its peers, in one run of {facts['minutes']:.0f} minutes by `make bench`; the method is"
        f" in [`benchmarks/README.md`](../benchmarks/README.md). {machine['cores']} cores"
        f" ({machine['processor']}), Python {machine['python']}, Node {machine['node']}; load of the last 15"
        f" minutes {machine['load']}. Each figure is the median of {facts['rounds']} windows of"
        f" {facts['seconds']} s, in turn with the others; in brackets the smallest and the greatest."
        " Absolute figures say little on another machine, ratios more.\n"
    )
    yield f"![Requests a second, logarithmic]({NAME}.svg)\n"
    yield from _goals(results)
    yield from (f"**Without figures**, since it failed: {TITLES[name]}.\n" for name in facts["failed"])
    yield "## Who\n"
    yield from (f"- **{who.name}**: {who.title}" for who in ALL)
    for experiment in dict.fromkeys(row.experiment for row in results.rows):
        yield from _section(results, experiment)


def _goals(results: Results) -> Iterator[str]:
    found = list(goals(results))
    if not found:
        return
    yield "## Goals\n\n| goal | found | |\n|---|---|---|"
    for goal in found:
        space = "" if goal.unit in {"x", "%"} else " "
        verdict = "reached" if goal.reached else "**missed**"
        yield f"| {goal.asked} | {goal.found:,.3g}{space}{goal.unit} | {verdict} |"
    yield ""


def _section(results: Results, experiment: str) -> Iterator[str]:
    letter = f"({experiment}) " if len(experiment) == 1 else ""
    yield f"\n## {letter}{TITLES[experiment][0].upper()}{TITLES[experiment][1:]}\n"
    yield "CPU is in seconds for 1,000 requests, memory in MB at the end of the window.\n"
    yield _HEAD
    yield from (_line(row, results) for row in results.of(experiment))


def _line(row: Row, results: Results) -> str:
    low, high = row.spread("rate")
    peer = results.find(row.experiment, row.mode, row.clients, "apollo")
    of = f"{row.middle('rate') / peer.middle('rate'):.2f}" if peer else ""
    times = " | ".join(f"{row.middle(name):,.2f}" for name in ("p50", "p99", "worst"))
    used = " | ".join(f"{row.middle(name):.2f}" for name in ("server_cpu", "database_cpu"))
    rate = f"{row.middle('rate'):,.1f} ({low:,.1f}–{high:,.1f})"  # noqa: RUF001 - a range of figures
    return (
        f"| {row.mode} | {row.clients} | {row.who} | {rate} | {of} | {times} | {used}"
        f" | {row.middle('memory') / 1e6:.0f} |"
    )

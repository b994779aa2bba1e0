"""Loads a server from a process of its own, and tells what came of it as JSON.

    python -m tests.chaos.load http://127.0.0.1:8000 --seconds 60 --times 2

One client alone, again and again, is what *unloaded* means here; 16 of them, each asking again as soon as it
is answered, find the *capacity*. Then requests come in at so many times that rate, whether those before are
answered or not, at random moments (a Poisson process); a latency counts from the moment that was meant.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, Final

from tests.chaos.mix import SHARES, Content, Mix, Request
from tests.chaos.wire import Reply, Wire

CLIENTS: Final = 16
WARM: Final = 20
"""Requests of each kind before anything is measured."""

LONGEST: Final = 60.0
"""Seconds that what is compared with is measured for."""

DRAIN_SECONDS: Final = 60.0

SETTLING: Final = 3.0
"""Seconds after which too much is told from a burst, which is let wait; latencies count from then on."""


@dataclass
class Outcome:
    """What came of requests.

    seconds   how long those took that were executed, by kind
    early     the same of those that came before it was clear that this is no burst
    refused   how many were not, by status
    told      how many of those said when to come again
    faults    what must not be, as text
    lag       how late the latest request was sent, in seconds
    """

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    early: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    refused: Counter[str] = field(default_factory=Counter)
    told: int = 0
    faults: list[str] = field(default_factory=list)
    lag: float = 0.0

    def note(self, request: Request, reply: Reply, seconds: float, *, settled: bool = True) -> None:
        """Count an answer."""
        if reply.status == 200 and b'"errors"' not in reply.body:
            (self.seconds if settled else self.early)[request.kind].append(seconds)
        elif reply.status in {429, 503}:
            self.refused[str(reply.status)] += 1
            self.told += "retry-after" in reply.headers
        else:
            self.faults.append(f"{request.kind}: {reply.status} {reply.body[:300]!r}")

    def all(self) -> list[float]:
        """All latencies."""
        return [each for found in self.seconds.values() for each in found]

    def as_dict(self, seconds: float) -> dict[str, Any]:
        """Figures: latencies in milliseconds, rates in a second."""
        kinds = {kind: _figures(self.seconds.get(kind, ())) for kind in SHARES}
        return {
            "rate": (len(self.all()) + sum(map(len, self.early.values()))) / seconds,
            "kinds": kinds,
            "all": _figures(self.all()),
            "refused": dict(self.refused),
            "told": self.told,
            "faults": len(self.faults),
            "first_faults": self.faults[:5],
            "lag": round(self.lag * 1000, 1),
        }


def _figures(seconds: Iterable[float]) -> dict[str, float]:
    found = sorted(seconds)
    return {
        "count": len(found),
        **{f"p{each}": round(quantile(found, each / 100) * 1000, 1) for each in (50, 90, 99)},
    }


def quantile(found: Sequence[float], share: float) -> float:
    """The smallest value that so many of these sorted values do not exceed; 0 of none."""
    return found[min(len(found) - 1, int(len(found) * share))] if found else 0.0


async def closed(wire: Wire, mix: Callable[[], Request], *, clients: int, seconds: float) -> Outcome:
    """So many clients, each of whom asks again as soon as it is answered."""
    outcome, until = Outcome(), time.perf_counter() + seconds

    async def client() -> None:
        while (began := time.perf_counter()) < until:
            request = mix()
            reply = await wire.post(request.body, request.token)
            outcome.note(request, reply, time.perf_counter() - began)

    async with asyncio.TaskGroup() as tasks:
        for _ in range(clients):
            tasks.create_task(client())
    return outcome


async def opened(wire: Wire, mix: Callable[[], Request], *, rate: float, seconds: float) -> Outcome:
    """So many requests a second, come what may."""
    outcome, chance, began = Outcome(), random.Random(1), time.perf_counter()

    async def send(due: float) -> None:
        request = mix()
        try:
            reply = await wire.post(request.body, request.token)
        except (OSError, asyncio.IncompleteReadError) as error:
            outcome.faults.append(f"{request.kind}: {error!r}")
        else:
            settled = due - began > SETTLING
            outcome.note(request, reply, time.perf_counter() - due, settled=settled)

    async with asyncio.timeout(seconds + DRAIN_SECONDS), asyncio.TaskGroup() as tasks:
        due = began
        while (due := due + chance.expovariate(rate)) < began + seconds:
            if (ahead := due - time.perf_counter()) > 0:
                await asyncio.sleep(ahead)
            outcome.lag = max(outcome.lag, time.perf_counter() - due)
            tasks.create_task(send(due))
    return outcome


async def measure(address: str, *, seconds: float, times: float, rate: float | None = None) -> dict[str, Any]:
    """The figures of one client, of many, of too many, and of one client again."""
    with closing(Wire(address)) as wire:
        mix = Mix(await Content.of(wire), seed=1)
        for kind in SHARES:
            for _ in range(WARM):
                request = mix.one(kind)
                await wire.post(request.body, request.token)
        await closed(wire, mix.one, clients=CLIENTS, seconds=min(seconds / 5, LONGEST))
        alone = busy = min(seconds / 3, LONGEST)
        report: dict[str, Any] = {"times": times}
        found = await closed(wire, mix.one, clients=1, seconds=alone)
        report["unloaded"] = found.as_dict(alone)
        found = await closed(wire, mix.one, clients=CLIENTS, seconds=busy)
        report["capacity"] = found.as_dict(busy)
        rate = rate or times * report["capacity"]["rate"]
        print(json.dumps({"loading": rate}), flush=True)  # noqa: T201 - whoever watches the server begins now
        found = await opened(wire, mix.one, rate=rate, seconds=seconds)
        report["overloaded"] = {"offered": rate, **found.as_dict(seconds)}
        found = await closed(wire, mix.one, clients=1, seconds=alone)
        report["after"] = found.as_dict(alone)
    return report


def table(report: dict[str, Any]) -> str:
    """The figures for people."""
    lines = [
        f"{'':14}" + "".join(f"{name:>24}" for name in _PHASES),
        f"{'':14}" + f"{'n    p50    p99 ms':>24}" * 4,
    ]
    for kind in (*SHARES, "all"):
        cells = [report[phase]["kinds"].get(kind) or report[phase]["all"] for phase in _PHASES]
        lines.append(f"{kind:14}" + "".join(f"{c['count']:>10}{c['p50']:>7}{c['p99']:>7}" for c in cells))
    lines.append(f"{'a second':14}" + "".join(f"{report[phase]['rate']:>24.1f}" for phase in _PHASES))
    loaded = report["overloaded"]
    ratio = loaded["all"]["p99"] / max(report["unloaded"]["all"]["p99"], 0.1)
    lines.append(
        f"offered {loaded['offered']:.0f}/s; refused {loaded['refused']};"
        f" p99 {ratio:.1f} times that of one client; sent {loaded['lag']} ms late at most;"
        f" faults {loaded['first_faults']}"
    )
    return "\n".join(lines)


_PHASES: Final = ("unloaded", "capacity", "overloaded", "after")


def main() -> None:
    """Measure, and print the figures; the last line is all of them as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address")
    parser.add_argument("--seconds", type=float, default=15.0, help="how long it is too much for the server")
    parser.add_argument("--times", type=float, default=2.0, help="how many times its capacity that is")
    parser.add_argument("--rate", type=float, help="requests a second, instead of times its capacity")
    given = parser.parse_args()
    report = asyncio.run(measure(given.address, seconds=given.seconds, times=given.times, rate=given.rate))
    sys.stdout.write(f"{table(report)}\n{json.dumps(report)}\n")


if __name__ == "__main__":
    main()

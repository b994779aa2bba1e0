"""`python -m benchmarks`: measure ours and its peers in one run; README.md says how."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.contestants import earlier, lacking
from benchmarks.experiments import Run
from benchmarks.experiments.all import EXPERIMENTS
from benchmarks.report import publish, write
from benchmarks.results import TITLES

HERE = Path(__file__).parent
RESULTS = HERE / "results"


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=list(EXPERIMENTS), metavar="EXPERIMENT", default=[])
    parser.add_argument("--rounds", type=int, default=3, help="windows of each cell, interleaved")
    parser.add_argument("--seconds", type=float, default=1.2, help="length of a window")
    parser.add_argument("--quick", action="store_true", help="one round of half a second, 16 clients alone")
    parser.add_argument("--publish", action="store_true", help="write docs/benchmarks.* as well")
    parser.add_argument(
        "--earlier", type=Path, metavar="CHECKOUT", help="let ours of there take part in reads"
    )
    found = parser.parse_args()
    if found.quick:
        found.rounds, found.seconds = 1, 0.5
    return found


def main() -> None:
    """Run what was asked for, tell each row as it comes, and write the report."""
    options = arguments()
    if (lacks := lacking()) is not None:
        sys.exit(lacks)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the servers end with it
    begun, logs = time.monotonic(), RESULTS / datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    logs.mkdir(parents=True)
    clients = (16,) if options.quick else (1, 16)
    with ExitStack() as stack:
        run = Run(
            rounds=options.rounds,
            seconds=options.seconds,
            clients=clients,
            folder=RESULTS / "kept",
            logs=logs,
            stack=stack,
            earlier=earlier(options.earlier) if options.earlier else None,
        )
        failed = [name for name in options.only or EXPERIMENTS if not _done(name, run, begun)]
    minutes = (time.monotonic() - begun) / 60
    facts = {"rounds": options.rounds, "seconds": options.seconds, "minutes": minutes, "failed": failed}
    write(logs, run.results, facts)
    if options.publish:
        publish(logs, HERE.parent / "docs")
    print(f"{time.monotonic() - begun:5.0f} s  done: {logs / 'benchmarks.md'}")
    sys.exit(1 if failed else 0)


def _done(name: str, run: Run, begun: float) -> bool:
    """Whether an experiment went through; why not, is told. One wrong answer ends it, the others go on."""
    print(f"{time.monotonic() - begun:5.0f} s  {name}: {TITLES[name]}", flush=True)
    try:
        EXPERIMENTS[name](run)
    except (RuntimeError, AssertionError, OSError) as error:
        print(f"    FAILED: {error}", flush=True)
        return False
    return True


if __name__ == "__main__":
    main()

"""Starts the server of HOME as `serve` or `db start` do, says so, and then waits to be killed."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from graph_api.neo4j_local import LocalNeo4j


def main(home: str, cache: str, *options: str) -> None:
    """Start; with the option `detached` end at once and leave the server running."""
    local = LocalNeo4j(home=Path(home), cache=Path(cache))
    local.start(detached="detached" in options)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    if not options:
        time.sleep(600)


if __name__ == "__main__":
    main(*sys.argv[1:])

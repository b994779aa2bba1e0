"""`python -m graph_api` and the command `graph-api`."""

from __future__ import annotations

from graph_api.cli import main

if __name__ == "__main__":
    main()

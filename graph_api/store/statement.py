"""How a statement is seen from outside: how long it took, for whom, and by its name in a trace."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib import import_module

from graph_api.store import cypher
from graph_api.telemetry.activity import current
from graph_api.telemetry.metrics import Metrics


@contextmanager
def watched(statement: str, metrics: Metrics) -> Iterator[None]:
    """Measure a statement while it runs, and count it for the operation that waits for it."""
    activity = current()
    if activity is not None:
        activity.statements += 1
    with metrics.statement():
        traces = None if activity is None else activity.traces
        if traces is None:
            yield
            return
        name = _names().get(statement, "statement")
        with traces.span(f"cypher {name}", {"db.system.name": "neo4j", "db.query.text": statement}):
            yield


@cache
def _names() -> Mapping[str, str]:
    """The names of all statements, by their text."""
    return {
        text: f"{module.name}.{name}"
        for module in pkgutil.iter_modules(cypher.__path__)
        for name, text in vars(import_module(f"{cypher.__name__}.{module.name}")).items()
        if name.isupper() and isinstance(text, str)
    }

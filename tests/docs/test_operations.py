"""The runbook and the dashboard name metrics that exist, and all of them."""

from __future__ import annotations

import json
import re
from typing import Any, Final

import pytest
from prometheus_client import Metric

from graph_api.telemetry.activity import Activity
from graph_api.telemetry.lookups import Lookups
from graph_api.telemetry.metrics import PREFIX, Metrics
from tests.conftest import ROOT

PAGE: Final = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
DASHBOARD: Final = (ROOT / "deploy" / "grafana-dashboard.json").read_text(encoding="utf-8")
OF_PROCESS: Final = re.compile(r"\bprocess_[a-z_]+[a-z]\b")
OURS: Final = re.compile(rf"\b{PREFIX}_(?!dashboard)[a-z_]+[a-z]\b")


def families() -> list[Metric]:
    """The metrics, in the order in which they are made."""
    return [each for each in Metrics().registry.collect() if each.name.startswith(PREFIX)]


def series() -> set[str]:
    """The names that PromQL may ask for."""
    names: set[str] = set()
    for each in families():
        ends = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum")}.get(each.type, ("",))
        names |= {each.name + end for end in ends}
    return names | {sample.name for each in Metrics().registry.collect() for sample in each.samples}


def table() -> str:
    """The metrics as the page shows them."""
    rows = ["| metric | type | labels | what it tells |", "|---|---|---|---|"]
    metrics = Metrics()
    labels = {
        f"{PREFIX}_{collector._name.removeprefix(f'{PREFIX}_')}": collector._labelnames
        for collector in vars(metrics).values()
        if hasattr(collector, "_labelnames")
    }
    counted = (
        each for kept in vars(metrics).values() if isinstance(kept, Lookups) for each in kept.collect()
    )
    labels |= {each.name: tuple(each.samples[0].labels) for each in counted}
    for each in families():
        name = each.name + ("_total" if each.type == "counter" else "")
        told = ", ".join(f"`{label}`" for label in labels[each.name])
        rows.append(f"| `{name}` | {each.type} | {told} | {each.documentation} |")
    return "\n".join(rows)


def test_the_table_of_metrics_is_that_of_the_code() -> None:
    shown = re.search(r"<!-- metrics -->\n(.*?)\n<!-- /metrics -->", PAGE, re.DOTALL)
    assert shown
    assert shown[1] == table()


@pytest.mark.parametrize("text", [PAGE, DASHBOARD], ids=["page", "dashboard"])
def test_each_metric_that_is_named_exists(text: str) -> None:
    named = set(OURS.findall(text)) | set(OF_PROCESS.findall(text))
    families_too = {each.name for each in families()}
    assert named
    assert named <= series() | families_too


def test_the_dashboard_asks_only_for_series_that_exist_and_shows_every_metric() -> None:
    asked = {name for expression in _expressions() for name in OURS.findall(expression)}
    assert asked <= series()
    shown = {re.sub("_(total|bucket|count|sum)$", "", name) for name in asked}
    assert shown == {each.name for each in families()}


def test_the_panels_of_the_dashboard_have_ids_and_places_of_their_own() -> None:
    panels = json.loads(DASHBOARD)["panels"]
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels]
    assert len({panel["id"] for panel in panels}) == len(set(places)) == len(panels)


def test_the_line_that_the_page_shows_has_the_fields_of_an_operation() -> None:
    [shown] = re.findall(r"```json\n(.*?)\n```", PAGE, re.DOTALL)
    activity = Activity(metrics=Metrics(), query="{ a }", transport="http")
    fields = ["event", "level", "logger", *activity._told(0.0), "timestamp", "request_id"]
    assert list(json.loads(shown)) == fields


def _expressions() -> list[str]:
    dashboard: dict[str, Any] = json.loads(DASHBOARD)
    return [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", ())]

"""The page about scaling: its figures are those of the model, and its formulas those of real caches."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import asdict, fields, replace
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Final

import pytest

from benchmarks import model
from benchmarks.balancer import CONFIGURATION, Balancer
from benchmarks.measure import Sample
from benchmarks.measured import MEASURED, TITLES
from benchmarks.sharing import Kept, Page, kept_for, pages
from graph_api.settings import Settings
from tests.conftest import ROOT

PAGE: Final = (ROOT / "docs" / "scaling.md").read_text(encoding="utf-8")
SETTING: Final = re.compile(r"`([A-Z][A-Z0-9]*_[A-Z_0-9]+)(?:=[^`]*)?`")
NGINX: Final = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/bin")
COUNT: Final = 400
EXPONENT: Final = 0.8
RATE: Final = 20.0
DRAWN: Final = 120_000


def test_the_page_holds_what_the_model_prints() -> None:
    shown = re.search(r"<!-- model -->\n(.*?)\n<!-- /model -->", PAGE, re.DOTALL)
    assert shown
    assert shown[1] == "\n".join(model.page(model.Assumptions(), MEASURED))


def test_each_setting_that_the_page_or_the_example_names_exists() -> None:
    named = {*SETTING.findall(PAGE), *re.findall(r"\b[A-Z]+_[A-Z_]+\b", CONFIGURATION.read_text())}
    assert "REVISION_POLL" in named
    assert {name.lower() for name in named} <= Settings.model_fields.keys()


def test_each_script_that_the_page_names_exists() -> None:
    named = set(re.findall(r"\b(?:benchmarks/)?(\w+\.py)\b", PAGE))
    assert {"replicas.py", "http_cache.py", "model.py"} <= named
    assert [name for name in named if not (ROOT / "benchmarks" / name).exists()] == []


def test_the_model_has_the_defaults_of_the_settings() -> None:
    default = {name: field.default for name, field in Settings.model_fields.items()}
    assert default["max_streams"] == model.MOST_STREAMS
    assert default["answers_megabytes"] * 1e6 == model.ANSWERS
    assert default["entities_kept"] == model.ENTITIES
    assert default["trusted_max_age"] == model.Assumptions().max_age
    assert 1 / default["revision_poll"] + 1 / default["feed_poll"] == model.LOOKS


def test_every_kind_of_request_was_measured() -> None:
    assert set(MEASURED.costs) == set(TITLES)
    assert all(cost.api > 0 and cost.size > 0 for cost in MEASURED.costs.values())


def test_more_learners_need_no_less_of_anything() -> None:
    days = [model.peak(crowd, model.Assumptions(), MEASURED) for crowd in model.CROWDS]
    for name in (each.name for each in fields(model.Peak)):
        figures = [getattr(day, name) for day in days]
        assert name in {"answers", "entities"} or figures == sorted(figures), name


def test_a_structure_whose_changes_fill_the_core_is_told_as_out_of_reach() -> None:
    given = replace(model.Assumptions(), changes=1e6)
    assert model.peak(model.CROWDS[0], given, MEASURED).replicas == model.OUT_OF_REACH
    assert "| none keeps up |" in "\n".join(model.page(given, MEASURED))


def test_a_report_replaces_the_figures_that_it_has(tmp_path: Path) -> None:
    sample = {each.name: 1 for each in fields(Sample)} | {"server_cpu": 7.5, "database_cpu": 0.25}
    row = {"experiment": "a", "mode": "varied", "clients": 16, "who": "uncached"}
    report = tmp_path / "benchmarks.json"
    report.write_text(json.dumps({"rows": [row | {"samples": [sample]}]}))
    costs = MEASURED.replaced(report).costs
    found, before = asdict(costs["roadmap cold"]), asdict(MEASURED.costs["roadmap cold"])
    assert found == before | {"api": 7.5, "database": 0.25}
    assert costs["topic cold"] == MEASURED.costs["topic cold"]


def test_the_committed_report_is_one() -> None:
    committed = ROOT / "docs" / "benchmarks.json"
    if not committed.exists():
        pytest.skip("no report is committed")
    assert MEASURED.replaced(committed).costs != MEASURED.costs


def drawn() -> Iterator[tuple[float, int]]:
    """Requests in time: the moment and the rank of the page."""
    random, now = Random(3), 0.0
    weights = [*accumulate(rank**-EXPONENT for rank in range(1, COUNT + 1))]
    for rank in random.choices(range(COUNT), cum_weights=weights, k=DRAWN):
        now += random.expovariate(RATE)
        yield now, rank


def seen() -> list[Page]:
    return list(pages("", COUNT, RATE, exponent=EXPONENT, size=1))


def computed(kept: Kept) -> float:
    return sum(page.count * page.rate * kept.share(page) for page in seen()) / RATE


def test_answers_kept_for_a_time_are_hit_as_often_as_computed() -> None:
    until, hits = dict.fromkeys(range(COUNT), 0.0), 0
    for now, rank in drawn():
        if now < until[rank]:
            hits += 1
        else:
            until[rank] = now + 10
    assert hits / DRAWN == pytest.approx(kept_for(COUNT, RATE, exponent=EXPONENT, seconds=10), abs=0.01)


@pytest.mark.parametrize("renews", [True, False], ids=["least recently used", "first in, first out"])
def test_limited_space_is_hit_as_often_as_computed(renews: bool) -> None:
    kept, hits, space = OrderedDict[int, None](), 0, 80
    for _, rank in drawn():
        hits += rank in kept
        if renews:
            kept.pop(rank, None)
        kept.setdefault(rank)
        if len(kept) > space:
            kept.popitem(last=False)
    found = (
        Kept.least_recent(seen(), space, lambda page: page.size, forgotten=0)
        if renews
        else Kept.first_in(seen(), space, lambda page: page.size)
    )
    assert hits / DRAWN == pytest.approx(computed(found), abs=0.01)


def test_what_is_forgotten_now_and_then_is_hit_as_often_as_computed() -> None:
    random, kept, hits = Random(5), set[int](), 0
    every = 0.2
    forgetting = random.expovariate(every)
    for now, rank in drawn():
        if now > forgetting:
            kept.clear()
            while forgetting < now:
                forgetting += random.expovariate(every)
        hits += rank in kept
        kept.add(rank)
    found = Kept.least_recent(seen(), COUNT, lambda page: page.size, forgotten=every)
    assert hits / DRAWN == pytest.approx(computed(found), abs=0.01)


@pytest.mark.skipif(NGINX is None, reason="nginx is not installed")
def test_the_example_for_nginx_is_what_the_scripts_run(tmp_path: Path) -> None:
    Balancer([8101, 8102], folder=tmp_path)
    text = (tmp_path / "nginx.conf").read_text()
    assert re.findall(r"server 127\.0\.0\.1:(\d+)", text) == ["8101", "8102"]
    assert "/var/" not in text


@pytest.mark.skipif(NGINX is None, reason="nginx is not installed")
def test_nginx_takes_the_example(tmp_path: Path) -> None:
    Balancer([8101], folder=tmp_path)
    command = [str(NGINX), "-t", "-e", "stderr", "-c", str(tmp_path / "nginx.conf")]
    tried = subprocess.run(
        [*command, "-g", f"pid {tmp_path / 'pid'};"], capture_output=True, text=True, check=False
    )
    assert tried.returncode == 0, tried.stderr

"""Whoever looks sees bars; a log gets one line for what takes long."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from graph_api.cli import progress
from graph_api.neo4j_local import Step


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What a terminal is sent."""
    sent = io.StringIO()
    monkeypatch.setattr(
        progress, "Console", lambda **_: Console(file=sent, force_terminal=True, width=100, color_system=None)
    )
    return sent


def test_a_download_is_drawn_in_bytes_and_a_start_as_a_clock(screen: io.StringIO) -> None:
    with progress.database_progress() as draw:
        draw(Step("Downloading", 30_000_000, 120_000_000, "bytes"))
        draw(Step("Starting", 3, 0, "seconds"))
    assert "30.0/120.0 MB" in screen.getvalue()
    assert "0:00:00" in screen.getvalue()


def test_rows_are_drawn_as_some_of_all(screen: io.StringIO) -> None:
    with progress.count_progress("Importing", "rows") as report:
        report(1_000, 4_000)
    assert "1000/4000" in screen.getvalue()


def test_a_log_gets_one_line_for_what_takes_long_and_none_for_the_rest(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with progress.count_progress("Quick", "rows") as report:
        report(1, 1)
    monkeypatch.setattr(progress, "LONG_SECONDS", -1.0)
    with progress.count_progress("Slow", "rows") as report:
        report(1, 2)
        report(2, 2)
    assert capfd.readouterr().err == "Slow ...\n"

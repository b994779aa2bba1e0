"""What takes too long is found on every machine."""

from __future__ import annotations

import pytest

from tests.pace import REFERENCE, _work, within


def work(times: int) -> None:
    """Take as many times the reference, on whatever machine."""
    with within(REFERENCE):
        for _ in range(times):
            _work()


def test_what_takes_five_times_its_budget_is_found_on_every_machine() -> None:
    with pytest.raises(AssertionError, match="are given"):
        work(5)


def test_what_is_within_its_budget_passes_on_every_machine() -> None:
    with within(3 * REFERENCE):
        _work()

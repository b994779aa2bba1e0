"""The driver's dates are right without its table of months."""

from __future__ import annotations

from calendar import monthrange
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from neo4j import time

from graph_api.store.months import TABLE, Months
from graph_api.store.session import Database


def test_the_table_of_the_driver_is_gone() -> None:
    assert isinstance(getattr(time, TABLE), Months)
    assert not getattr(time, TABLE)


@given(year=st.integers(1, 9999), month=st.integers(1, 12))
def test_months_have_their_days(year: int, month: int) -> None:
    assert time.Date.days_in_month(year, month) == monthrange(year, month)[1]


@given(day=st.dates())
def test_dates_come_and_go(day: date) -> None:
    assert time.Date.from_native(day).to_native() == day


@pytest.mark.parametrize("day", ["2024-02-29", "2100-02-28", "0001-01-01", "9999-12-31"])
async def test_dates_of_the_database_are_right(database: Database, day: str) -> None:
    [[found, month_later]] = await database.read(
        "WITH date($day) AS day RETURN day, day - duration('P1D') + duration('P1D') AS back", day=day
    )
    assert found.iso_format() == month_later.iso_format() == day


@pytest.mark.parametrize("month", [0, 13])
def test_what_is_no_month_is_refused(month: int) -> None:
    with pytest.raises(ValueError, match="Month"):
        time.Date(2024, month, 1)

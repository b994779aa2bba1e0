"""The driver's dates and numbers are right without its tables."""

from __future__ import annotations

import sys
from calendar import monthrange
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from neo4j import time

from graph_api.store.driver_tables import TABLES, Made, Table
from graph_api.store.session import Database


@pytest.mark.parametrize("table", TABLES, ids=lambda table: f"{table.module}.{table.name}")
def test_the_tables_of_the_driver_are_gone(table: Table) -> None:
    found = getattr(sys.modules[table.module], table.name)
    assert isinstance(found, Made)
    assert not found


@given(year=st.integers(1, 9999), month=st.integers(1, 12))
def test_months_have_their_days(year: int, month: int) -> None:
    assert time.Date.days_in_month(year, month) == monthrange(year, month)[1]


@given(day=st.dates())
def test_dates_come_and_go(day: date) -> None:
    assert time.Date.from_native(day).to_native() == day


@pytest.mark.parametrize("month", [0, 13])
def test_what_is_no_month_is_refused(month: int) -> None:
    with pytest.raises(ValueError, match="Month"):
        time.Date(2024, month, 1)


@pytest.mark.parametrize("day", ["2024-02-29", "2100-02-28", "0001-01-01", "9999-12-31"])
async def test_dates_of_the_database_are_right(database: Database, day: str) -> None:
    [[found, back]] = await database.read(
        "WITH date($day) AS day RETURN day, day - duration('P1D') + duration('P1D') AS back", day=day
    )
    assert found.iso_format() == day
    assert back.to_native() == date.fromisoformat(day)


@pytest.mark.parametrize("number", [0, 127, 128, 255, 256, 32_767, 32_768, 65_535, 65_536, -32_769])
async def test_numbers_and_sizes_of_every_width_come_and_go(database: Database, number: int) -> None:
    sizes = {"text": "x" * abs(number), "list": [1] * abs(number), "map": {str(n): n for n in range(300)}}
    [[found]] = await database.read("RETURN [$number, $sizes] AS all", number=number, sizes=sizes)
    assert found == [number, sizes]


@pytest.mark.parametrize("number", [0, 1, 255, 256, 65_535])
def test_numbers_of_16_bits_are_packed_and_unpacked(number: int) -> None:
    for version in ("v1", "v2"):
        module = sys.modules[f"neo4j._codec.packstream.{version}"]
        packed = module.PACKED_UINT_16[number]
        assert packed == number.to_bytes(2)
        assert module.UNPACKED_UINT_16[packed] == number

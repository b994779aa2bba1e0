"""Every error has its code in the page of errors, whose tables are made of the code."""

from __future__ import annotations

import inspect
import re

from graph_api import errors
from graph_api.endpoint.codes import CODES
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
CALLERS = ("endpoint", "api", "store", "telemetry")


def all_errors() -> list[type[errors.RoadmapError]]:
    """RoadmapError and all that are made of it."""
    found = [errors.RoadmapError]
    for error in found:
        found += error.__subclasses__()
    return [error for error in found if error.__module__ == errors.__name__]


def by_code() -> dict[str, type[errors.RoadmapError]]:
    """The first class of each code, in the order of the tree; the base has none of its own."""
    found: dict[str, type[errors.RoadmapError]] = {}
    for name, code in re.findall(r"(\w+) +([A-Z_]+)  ", errors.__doc__ or ""):
        found.setdefault(code, getattr(errors, name))
    return found


def tables() -> str:
    """The tables of docs/errors.md."""
    rows = ["| code | what it means | what to do |", "|---|---|---|"]
    for code, error in by_code().items():
        told = " ".join((inspect.getdoc(error) or "").split("\n\n")[0].split()).rstrip(".")
        rows.append(f"| `{code}` | {told[0].lower()}{told[1:]} | {error.advice} |")
    rows += ["", "The endpoint itself answers with these, most of them before anything runs:", ""]
    rows += ["| code | what it means | what to do | status |", "|---|---|---|---|"]
    rows += [f"| `{code}` | {each.means} | {each.advice} | {each.status} |" for code, each in CODES.items()]
    return "\n".join(rows)


def test_each_error_stands_in_the_tree_with_its_code() -> None:
    tree = errors.__doc__ or ""
    for error in all_errors():
        assert re.search(rf"\b{error.__name__} +{error.code}\b", tree), error.__name__


def test_the_tables_of_the_page_are_those_of_the_code() -> None:
    shown = re.search(r"<!-- codes -->\n(.*?)\n<!-- /codes -->", PAGE, re.DOTALL)
    assert shown
    assert shown[1] == tables()


def test_no_code_is_told_twice() -> None:
    assert not by_code().keys() & CODES.keys()


def test_each_error_has_its_own_advice() -> None:
    for error in by_code().values():
        assert "advice" in vars(error) or error.code == error.__mro__[1].code, error.__name__  # type: ignore[attr-defined]  # an error's base is one


def test_each_code_that_is_answered_is_in_the_tables() -> None:
    answered = set(re.findall(r'\bcode(?:=|": |: str = | = )"([A-Z_]+)"', _sources()))
    assert {"BAD_JSON", "NOT_ACCEPTABLE", "TOO_MANY_OPERATIONS"} <= answered
    assert answered <= by_code().keys() | CODES.keys()


def test_each_code_of_the_endpoint_is_answered_somewhere() -> None:
    sources = _sources()
    assert [code for code in CODES if f'"{code}"' not in sources] == []


def _sources() -> str:
    files = (path for room in CALLERS for path in sorted((ROOT / "graph_api" / room).rglob("*.py")))
    return "\n".join(path.read_text(encoding="utf-8") for path in files if path.name != "codes.py")

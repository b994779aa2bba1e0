"""Every error has its code in the page of errors, and in the tree at the top of errors.py."""

from __future__ import annotations

import re

from graph_api import errors
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")


def all_errors() -> list[type[errors.RoadmapError]]:
    """RoadmapError and all that are made of it."""
    found = [errors.RoadmapError]
    for error in found:
        found += error.__subclasses__()
    return [error for error in found if error.__module__ == errors.__name__]


def test_each_error_stands_in_the_tree_with_its_code() -> None:
    tree = errors.__doc__ or ""
    for error in all_errors():
        assert re.search(rf"\b{error.__name__} +{error.code}\b", tree), error.__name__


def test_each_code_is_explained_on_the_page() -> None:
    codes = {error.code for error in all_errors()}
    codes |= set(re.findall(r'"([A-Z]+(?:_[A-Z]+)+)"', _endpoint()))
    explained = set(re.findall(r"^\| `([A-Z_]+)` \|", PAGE, re.MULTILINE))
    assert codes == explained


def _endpoint() -> str:
    sources = sorted((ROOT / "graph_api" / "endpoint").glob("*.py"))
    return "\n".join(
        line
        for source in sources
        for line in source.read_text(encoding="utf-8").splitlines()
        if "code" in line or "Refused" in line
    )

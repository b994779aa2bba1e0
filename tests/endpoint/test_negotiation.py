"""Which of the two media types answers."""

from __future__ import annotations

import pytest

from graph_api.endpoint.negotiation import GRAPHQL, JSON, answer_type


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, JSON),
        ("", JSON),
        ("  ", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (JSON, JSON),
        (GRAPHQL, GRAPHQL),
        ("Application/GraphQL-Response+JSON", GRAPHQL),
        (f"{GRAPHQL}; charset=utf-8", GRAPHQL),
        (f"{GRAPHQL}, {JSON};q=0.9", GRAPHQL),
        (f"{JSON}, {GRAPHQL};q=0.9", JSON),
        (f"{JSON};q=0.5, {GRAPHQL};q=0.9", GRAPHQL),
        (f"{GRAPHQL}, */*;q=0.1", GRAPHQL),
        (f"{JSON};q=0, */*", GRAPHQL),
        (f"{JSON};q=0, application/*;q=0.5, */*;q=0.1", GRAPHQL),
        (f"text/html, {GRAPHQL};q=0.2", GRAPHQL),
        ("text/html, */*;q=0.1", JSON),
        (f"text/html;q=1,{JSON};q=0.001", JSON),
        (f"{JSON};q=nonsense, {GRAPHQL}", GRAPHQL),
        ("text/html", None),
        ("text/*, image/*", None),
        (f"{JSON};q=0", None),
        ("*/*;q=0", None),
        (f"{JSON};q=0, {GRAPHQL};q=0, */*", None),
        ("application/jsonp", None),
        (",", None),
        ("nonsense", None),
    ],
)
def test_the_header_chooses(accept: str | None, expected: str | None) -> None:
    assert answer_type(accept) == expected

"""What an operation will ask for is told before it is executed, as far as its selection tells it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

import pytest

from graph_api.api.context import Context
from graph_api.api.follows import FOLLOWS as IN_SCHEMA
from graph_api.api.follows import EdgeKind, reach_of
from graph_api.api.schema import build_schema
from graph_api.endpoint.execution.edges import FOLLOWS
from graph_api.endpoint.execution.values import DECLARED
from graph_api.store.reach import Reach
from tests.conftest import Client

CASES: Mapping[str, Mapping[str, int]] = {
    '{ topic(slug: "flour") { slug title } }': {},
    '{ topic(slug: "flour") { prerequisites { nodes { slug } } } }': {"prerequisites": 1},
    """{ topic(slug: "flour") {
         prerequisites { nodes { prerequisites { edges { node { slug } } } requirements { need } } }
         dependents { nodes { slug } } } }""": {"prerequisites": 2, "requirements": 1, "dependents": 1},
    '{ roadmap(slug: "baker") { sections { topics { nodes { requirements { of { title } } } } } } }': {
        "placed": 1,
        "requirements": 1,
        "prerequisites": 1,
    },
    """{ nodes(ids: []) { ... on Topic { ...Far } ... on Roadmap { topics { nodes { ...Near } } } } }
       fragment Near on Topic { dependents { nodes { slug } } }
       fragment Far on Topic { prerequisites { nodes { ...Near prerequisites { nodes { ...Near } } } } }
       """: {"placed": 1, "prerequisites": 2, "dependents": 1},
    """{ topic(slug: "flour") { resources { url } placements { section { title } roadmap { title } }
         recommendations { edges { node { resources { url } dependents { nodes { slug } } } } } } }""": {
        "resources": 1,
        "placements": 1,
        "outlines": 1,
        "recommendations": 1,
        "dependents": 1,
    },
    '{ __schema { types { name fields { name } } } topic(slug: "flour") { __typename } }': {},
}


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize(("document", "edges"), [*CASES.items()])
async def test_the_most_edges_on_any_way_are_told_first(
    client: Client, monkeypatch: pytest.MonkeyPatch, document: str, edges: Mapping[str, int]
) -> None:
    told: list[dict[str, int]] = []
    monkeypatch.setattr(Context, "foresee", lambda _, looks: told.append(dict(looks.most)))
    await client.ask(document)
    assert told == [edges]


WITHIN: Mapping[str, Reach | None] = {
    '{ topic(slug: "flour") { title } }': None,
    '{ topic(slug: "flour") { resources { url } prerequisites { nodes { slug } } } }': Reach(),
    """{ topic(slug: "flour") { prerequisites { nodes { prerequisites { nodes { resources { url } } } } }
         dependents { nodes { dependents { nodes { slug } } } } } }""": Reach(
        prerequisites=1, resources=1, dependents=1
    ),
    """{ roadmap(slug: "baker") { topics { nodes { dependents { nodes { ...Few } } ...Few } } } }
       fragment Few on Topic { requirements { of { title } } }""": Reach(requirements=1, prerequisites=1),
}


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize(("document", "beyond"), [*WITHIN.items()])
async def test_less_lies_beyond_an_edge(
    client: Client, monkeypatch: pytest.MonkeyPatch, document: str, beyond: Reach | None
) -> None:
    told: list[Reach | None] = []
    monkeypatch.setattr(Context, "foresee", lambda _, looks: told.append(reach_of(looks).beyond))
    await client.ask(document)
    assert told == [beyond]


def test_every_field_that_follows_an_edge_names_one_that_is_read_along() -> None:
    named: dict[str, Any] = {}
    for kind in build_schema()._schema.type_map.values():
        for name, field in getattr(kind, "fields", {}).items():
            metadata = getattr(field.extensions.get(DECLARED), "metadata", {})
            if FOLLOWS in metadata:
                named[f"{kind.name}.{name}"] = metadata[FOLLOWS]
    assert IN_SCHEMA == FOLLOWS
    assert set(named.values()) == set(get_args(EdgeKind)) == {*Reach.__slots__} - {"beyond"}
    assert named.keys() >= {"Roadmap.topics", "Section.topics", "Requirement.of", "Topic.prerequisites"}

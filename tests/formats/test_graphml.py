"""GraphML is read by another library as it was meant."""

from __future__ import annotations

import io
from typing import Any
from xml.etree import ElementTree

import networkx
import pytest
from hypothesis import given, settings

from graph_api.formats import graphml
from graph_api.knowledge.change import rests
from graph_api.knowledge.model import (
    Catalogue,
    Placement,
    Recommendation,
    Requirement,
    Roadmap,
    Section,
    Topic,
)
from tests.catalogues import catalogues
from tests.example import CATALOGUE


def read(data: bytes) -> Any:
    return networkx.read_graphml(io.BytesIO(data), force_multigraph=True)


def one(topic: Topic) -> Roadmap:
    return Roadmap("r", "R", sections=(Section("s", "S", placements=(Placement(topic.slug),)),))


def test_nodes_and_edges_say_what_topics_say() -> None:
    graph = read(graphml.dump(CATALOGUE.roadmaps["baker"], CATALOGUE.topics))
    assert graph.graph["title"] == "Baker"
    assert graph.nodes["mixer"] == {
        "title": "Kneading by Machine",
        "hours": 1.5,
        "tags": "practice,machine",
        "section": "basics",
        "optional": True,
    }
    assert graph.nodes["croissant"]["optional"] is True
    assert "optional" not in graph.nodes["hygiene"]
    assert graph["weighing"]["yeast-dough"][0] == {
        "kind": "requires",
        "reason": "Two grams of yeast cannot be guessed.",
    }
    assert graph["croissant"]["night-shift"][0] == {
        "kind": "requires",
        "group": 2,
        "need": 2,
        "reason": "A bakery never makes only one thing.",
    }
    assert graph["yeast-dough"]["sourdough-bread"][0]["kind"] == "recommends"


@given(catalogue=catalogues())
@settings(deadline=None, max_examples=20)
def test_every_topic_and_every_edge_comes_back(catalogue: Catalogue) -> None:
    for roadmap in catalogue.roadmaps.values():
        graph = read(graphml.dump(roadmap, catalogue.topics))
        held = [catalogue.topics[slug] for slug in rests(catalogue.topics, dict(roadmap.placed()))]
        assert {name: data["title"] for name, data in graph.nodes(data=True)} == {
            topic.slug: topic.title for topic in held
        }
        found = sorted(
            (a, b, d["kind"], d.get("group", 0), d.get("need", 1)) for a, b, d in graph.edges(data=True)
        )
        assert found == sorted(edge for topic in held for edge in edges_of(topic))


def edges_of(topic: Topic) -> list[tuple[str, str, str, int, int]]:
    return [
        (member, topic.slug, "requires", 0 if group.plain else number, group.need)
        for number, group in enumerate(topic.requires, 1)
        for member in group.of
    ] + [(each.topic, topic.slug, "recommends", 0, 1) for each in topic.recommends]


@pytest.mark.parametrize(
    "text", ["<b> & \"c\" 'd' ]]> <!-- -->", "a\r\nb\tc\rd\n", " x ", "🥐 \u2028 \x85", "&#0; &lt;", "\ufeff"]
)
def test_text_comes_back_as_it_was(text: str) -> None:
    topic = Topic("t", text, summary=text, requires=(Requirement(("b",), reason=text),))
    graph = read(graphml.dump(one(topic), {"t": topic}))
    assert (graph.nodes["t"]["title"], graph.nodes["t"]["summary"]) == (text, text)
    assert graph["b"]["t"][0]["reason"] == text


def test_what_xml_cannot_hold_is_replaced_and_told() -> None:
    topic = Topic("t", "a\x00b\x1b\ufffe\ud800", recommends=(Recommendation("b", "\uffff"),))
    graph = read(graphml.dump(one(topic), {"t": topic}))
    assert graph.nodes["t"]["title"] == "a\ufffdb\ufffd\ufffd\ufffd"
    (note,) = [note for note in graphml.losses(one(topic), {"t": topic}) if note.kind == "characters"]
    assert note.message == "Characters that XML cannot hold are replaced by U+FFFD in this many texts: 2."


def test_every_key_is_declared_and_every_end_of_an_edge_is_a_node() -> None:
    topic = Topic("t", "T", requires=(Requirement(("x", "y")),), recommends=(Recommendation("z"),))
    root = ElementTree.fromstring(graphml.dump(one(topic), {"t": topic}))
    names = {"g": "http://graphml.graphdrawing.org/xmlns"}
    keys = {key.get("id"): key.get("for") for key in root.findall("g:key", names)}
    nodes = {node.get("id") for node in root.iterfind(".//g:node", names)}
    assert nodes == {"t", "x", "y", "z"}
    for of in ("graph", "node", "edge"):
        for data in root.iterfind(f".//g:{of}/g:data", names):
            assert keys[data.get("key")] == of
    for edge in root.iterfind(".//g:edge", names):
        assert {edge.get("source"), edge.get("target")} <= nodes


def test_the_same_values_give_the_same_bytes() -> None:
    roadmap = CATALOGUE.roadmaps["baker"]
    backwards = {slug: CATALOGUE.topics[slug] for slug in reversed([*CATALOGUE.topics])}
    assert graphml.dump(roadmap, backwards) == graphml.dump(roadmap, CATALOGUE.topics)


def test_what_graphml_cannot_say_is_told() -> None:
    told = [note.message for note in graphml.losses(CATALOGUE.roadmaps["baker"], CATALOGUE.topics)]
    assert told == [
        "A GraphML file has no lists within a topic; left out: 2 resources.",
        "Of sections a GraphML file has the slugs; their titles, summaries and order are left out.",
    ]


def test_nothing_is_an_empty_graph() -> None:
    graph = read(graphml.dump(Roadmap("r", "R"), {}))
    assert (len(graph), graphml.losses(Roadmap("r", "r"), {})) == (0, ())

"""@neo4j/graphql: an edge of the graph is a connection here, and groups of requirements are read from it."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from benchmarks.dialects import Body, Content, by_slug, picked, ranked
from benchmarks.question import Question

PATH = "/graphql"
_SLUG = "sort: [{ slug: ASC }]"
_POSITION = "sort: [{ edge: { position: ASC } }]"
_GROUP = "sort: [{ edge: { group: ASC } }, { node: { slug: ASC } }]"


def request(question: Question) -> tuple[str, Body]:
    """A document and its variables."""
    document, variables = _DOCUMENTS[question.kind](question)
    return PATH, {"query": document, "variables": variables}


def content(question: Question, answer: Any) -> Content:
    """What the answer says."""
    return _READERS[question.kind](question, answer["data"])


def _page(question: Question) -> tuple[str, Body]:
    optional = "optional" if question.optional else ""
    placement = "properties { optional }" if question.optional else ""
    return (
        "query Page($slug: String!, $first: Int!) { roadmaps(where: { slug: { eq: $slug } }) {"
        f" {question.fields('roadmap')} sectionsConnection({_POSITION}) {{ edges {{ node {{"
        f" {question.fields('section')} {optional}"
        f" topicsConnection(first: $first, {_POSITION}) {{ edges {{ {placement}"
        f" node {{ {question.fields('topic')} requiresConnection({_GROUP}) {{ edges {{"
        f" properties {{ group {question.fields('requirement')} }} node {{ {question.fields('of')} }}"
        " } } } } } } } } } }",
        {"slug": question.keys[0], "first": question.first},
    )


def _topics(question: Question) -> tuple[str, Body]:
    return (
        "query Topics($ids: [ID!]!, $first: Int!) { topics(where: { id: { in: $ids } }) {"
        f" {question.fields('topic')} requires(limit: $first, {_SLUG}) {{ {question.fields('of')} }} }} }}",
        {"ids": list(question.keys), "first": question.first},
    )


def _topic(question: Question) -> tuple[str, Body]:
    inner = question.fields("of")
    for _ in range(2):
        inner = f"{question.fields('of')} requires(limit: $first, {_SLUG}) {{ {inner} }}"
    return (
        "query Topic($slug: String!, $first: Int!) { topics(where: { slug: { eq: $slug } }) {"
        f" {question.fields('topic')} requires(limit: $first, {_SLUG}) {{ {inner} }}"
        f" requiredBy(limit: $first, {_SLUG}) {{ {question.fields('of')} }} }} }}",
        {"slug": question.keys[0], "first": question.first},
    )


def _search(question: Question) -> tuple[str, Body]:
    from graph_api.store.search import queries  # ours makes a query of a word; theirs takes the query

    return (
        "query Search($phrase: String!, $first: Int!) { topicsFound(phrase: $phrase, first: $first) {"
        f" edges {{ score node {{ {question.fields('topic')} }} }} }} }}",
        {"phrase": queries(question.keys[0])[0], "first": question.first},
    )


_DOCUMENTS = {"page": _page, "topics": _topics, "topic": _topic, "search": _search}


def _read_page(question: Question, data: Any) -> Content:
    [roadmap] = data["roadmaps"]
    sections = [edge["node"] for edge in roadmap["sectionsConnection"]["edges"]]
    return {
        **picked(roadmap, question, "roadmap"),
        "sections": [_read_section(question, section) for section in sections],
    }


def _read_section(question: Question, section: Any) -> dict[str, Any]:
    read = picked(section, question, "section")
    if question.optional:
        read["optional"] = section["optional"]
    edges = section["topicsConnection"]["edges"]
    read["topics"] = [_read_placed(question, edge, section) for edge in edges]
    return read


def _read_placed(question: Question, edge: Any, section: Any) -> dict[str, Any]:
    read = picked(edge["node"], question, "topic")
    if question.optional:
        read["optional"] = section["optional"] or edge["properties"]["optional"]
    edges = edge["node"]["requiresConnection"]["edges"]
    groups = [list(group) for _, group in groupby(edges, key=lambda edge: edge["properties"]["group"])]
    read["requirements"] = [_read_group(question, group) for group in groups]
    return read


def _read_group(question: Question, edges: list[Any]) -> dict[str, Any]:
    group = picked(edges[0]["properties"], question, "requirement")
    return group | {"of": [picked(edge["node"], question, "of") for edge in edges]}


def _read_topics(question: Question, data: Any) -> Content:
    return by_slug([_read_near(question, topic, "topic", 1) for topic in data["topics"]])


def _read_near(question: Question, topic: Any, level: str, depth: int) -> dict[str, Any]:
    read = picked(topic, question, level)
    if depth:
        read["prerequisites"] = [_read_near(question, one, "of", depth - 1) for one in topic["requires"]]
    return read


def _read_topic(question: Question, data: Any) -> Content:
    [topic] = data["topics"]
    dependents = [picked(one, question, "of") for one in topic["requiredBy"]]
    return {**_read_near(question, topic, "topic", 3), "dependents": dependents}


def _read_search(question: Question, data: Any) -> Content:
    edges = data["topicsFound"]["edges"]
    return ranked([picked(edge["node"], question, "topic") | {"score": edge["score"]} for edge in edges])


_READERS = {"page": _read_page, "topics": _read_topics, "topic": _read_topic, "search": _read_search}

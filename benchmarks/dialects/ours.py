"""Our own API."""

from __future__ import annotations

from typing import Any

from benchmarks.dialects import Body, Content, by_slug, picked, ranked
from benchmarks.question import Question

PATH = "/graphql"


def request(question: Question) -> tuple[str, Body]:
    """A document and its variables."""
    document, variables = _DOCUMENTS[question.kind](question)
    return PATH, {"query": document, "variables": variables}


def content(question: Question, answer: Any) -> Content:
    """What the answer says."""
    return _READERS[question.kind](question, answer["data"])


def _page(question: Question) -> tuple[str, Body]:
    optional = "optional" if question.optional else ""
    return (
        "query Page($slug: String!, $first: Int!) { roadmap(slug: $slug) {"
        f" {question.fields('roadmap')} sections {{ {question.fields('section')} {optional}"
        f" topics(first: $first) {{ edges {{ {optional} node {{ {question.fields('topic')}"
        f" requirements {{ {question.fields('requirement')} of {{ {question.fields('of')} }} }}"
        " } } } } } }",
        {"slug": question.keys[0], "first": question.first},
    )


def _topics(question: Question) -> tuple[str, Body]:
    return (
        "query Topics($ids: [ID!]!, $first: Int!) { nodes(ids: $ids) { ... on Topic {"
        f" {question.fields('topic')} prerequisites(first: $first) {{ nodes {{ {question.fields('of')} }} }}"
        " } } }",
        {"ids": [_global(key) for key in question.keys], "first": question.first},
    )


def _topic(question: Question) -> tuple[str, Body]:
    inner = question.fields("of")
    for _ in range(2):
        inner = f"{question.fields('of')} prerequisites(first: $first) {{ nodes {{ {inner} }} }}"
    return (
        f"query Topic($slug: String!, $first: Int!) {{ topic(slug: $slug) {{ {question.fields('topic')}"
        f" prerequisites(first: $first) {{ nodes {{ {inner} }} }}"
        f" dependents(first: $first) {{ nodes {{ {question.fields('of')} }} }} }} }}",
        {"slug": question.keys[0], "first": question.first},
    )


def _search(question: Question) -> tuple[str, Body]:
    return (
        "query Search($text: String!, $first: Int!) { search(text: $text, kinds: [TOPIC], first: $first) {"
        f" edges {{ score node {{ ... on Topic {{ {question.fields('topic')} }} }} }} }} }}",
        {"text": question.keys[0], "first": question.first},
    )


def _global(key: str) -> str:
    """The global id of the topic with an id."""
    from graph_api.api.node import global_id  # what it looks like is the API's affair

    return str(global_id("Topic", key))


_DOCUMENTS = {"page": _page, "topics": _topics, "topic": _topic, "search": _search}


def _read_page(question: Question, data: Any) -> Content:
    roadmap = data["roadmap"]
    return {
        **picked(roadmap, question, "roadmap"),
        "sections": [_read_section(question, section) for section in roadmap["sections"]],
    }


def _read_section(question: Question, section: Any) -> dict[str, Any]:
    read = picked(section, question, "section")
    if question.optional:
        read["optional"] = section["optional"]
    read["topics"] = [_read_placed(question, edge) for edge in section["topics"]["edges"]]
    return read


def _read_placed(question: Question, edge: Any) -> dict[str, Any]:
    read = picked(edge["node"], question, "topic")
    if question.optional:
        read["optional"] = edge["optional"]
    read["requirements"] = [
        picked(group, question, "requirement")
        | {"of": [picked(topic, question, "of") for topic in group["of"]]}
        for group in edge["node"]["requirements"]
    ]
    return read


def _read_topics(question: Question, data: Any) -> Content:
    return by_slug([_read_near(question, topic, "topic", 1) for topic in data["nodes"]])


def _read_near(question: Question, topic: Any, level: str, depth: int) -> dict[str, Any]:
    read = picked(topic, question, level)
    if depth:
        near = topic["prerequisites"]["nodes"]
        read["prerequisites"] = [_read_near(question, one, "of", depth - 1) for one in near]
    return read


def _read_topic(question: Question, data: Any) -> Content:
    dependents = [picked(one, question, "of") for one in data["topic"]["dependents"]["nodes"]]
    return {**_read_near(question, data["topic"], "topic", 3), "dependents": dependents}


def _read_search(question: Question, data: Any) -> Content:
    edges = data["search"]["edges"]
    return ranked([picked(edge["node"], question, "topic") | {"score": edge["score"]} for edge in edges])


_READERS = {"page": _read_page, "topics": _read_topics, "topic": _read_topic, "search": _read_search}

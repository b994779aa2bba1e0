"""The obvious Strawberry version: plain lists, no connections; its documents look like ours."""

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
    data = answer["data"]
    if question.kind == "page":
        return _read_page(question, data["roadmap"])
    if question.kind == "topics":
        return by_slug(data["topics"])
    if question.kind == "topic":
        return dict(data["topic"])
    return ranked([found["topic"] | {"score": found["score"]} for found in data["search"]])


def _page(question: Question) -> tuple[str, Body]:
    optional = "optional" if question.optional else ""
    return (
        "query Page($slug: String!, $first: Int!) { roadmap(slug: $slug) {"
        f" {question.fields('roadmap')} sections {{ {question.fields('section')} {optional}"
        f" topics(first: $first) {{ {optional} topic {{ {question.fields('topic')}"
        f" requirements {{ {question.fields('requirement')} of {{ {question.fields('of')} }} }}"
        " } } } } }",
        {"slug": question.keys[0], "first": question.first},
    )


def _topics(question: Question) -> tuple[str, Body]:
    return (
        f"query Topics($ids: [ID!]!, $first: Int!) {{ topics(ids: $ids) {{ {question.fields('topic')}"
        f" prerequisites(first: $first) {{ {question.fields('of')} }} }} }}",
        {"ids": list(question.keys), "first": question.first},
    )


def _topic(question: Question) -> tuple[str, Body]:
    inner = question.fields("of")
    for _ in range(2):
        inner = f"{question.fields('of')} prerequisites(first: $first) {{ {inner} }}"
    return (
        f"query Topic($slug: String!, $first: Int!) {{ topic(slug: $slug) {{ {question.fields('topic')}"
        f" prerequisites(first: $first) {{ {inner} }}"
        f" dependents(first: $first) {{ {question.fields('of')} }} }} }}",
        {"slug": question.keys[0], "first": question.first},
    )


def _search(question: Question) -> tuple[str, Body]:
    from graph_api.store.search import queries  # ours makes a query of a word; this one takes the query

    return (
        "query Search($text: String!, $first: Int!) { search(text: $text, first: $first) {"
        f" score topic {{ {question.fields('topic')} }} }} }}",
        {"text": queries(question.keys[0])[0], "first": question.first},
    )


_DOCUMENTS = {"page": _page, "topics": _topics, "topic": _topic, "search": _search}


def _read_page(question: Question, roadmap: Any) -> Content:
    return {
        **picked(roadmap, question, "roadmap"),
        "sections": [
            section | {"topics": [placed["topic"] | _optional(placed) for placed in section["topics"]]}
            for section in roadmap["sections"]
        ],
    }


def _optional(placed: Any) -> dict[str, Any]:
    return {"optional": placed["optional"]} if "optional" in placed else {}

"""Routes with a hand-written Cypher each: the question is the body, the answer its content."""

from __future__ import annotations

from typing import Any

from benchmarks.dialects import Body, Content, by_slug, ranked
from benchmarks.question import Question

LEVELS = ("roadmap", "section", "topic", "requirement", "of")


def request(question: Question) -> tuple[str, Body]:
    """The route of the kind; which fields are wanted, at each level by name."""
    from graph_api.store.search import queries

    keys = [queries(question.keys[0])[0]] if question.kind == "search" else list(question.keys)
    fields = {level: list(question.names(level)) for level in LEVELS}
    body = {"keys": keys, "first": question.first, "fields": fields, "alias": question.alias}
    return f"/{question.kind}", body


def content(question: Question, answer: Any) -> Content:
    """What the answer says."""
    if question.kind == "topics":
        return by_slug(answer)
    if question.kind == "search":
        return ranked(answer)
    return dict(answer)

"""Whatever is sent, the answer is an answer: never a fault of ours, never a hang, and nothing is left behind.

FUZZ_EXAMPLES is how many of each kind; `make soak` sends 21,000 in all.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator
from typing import Any, Final

import httpx
import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph_api.api.schema import build_schema
from graph_api.app import connect
from graph_api.knowledge.change import Document
from graph_api.neo4j_local import Connection
from graph_api.settings import Settings
from tests.chaos.server import Server, server
from tests.conftest import ROOT, seed, token_of

EXAMPLES: Final = int(os.environ.get("FUZZ_EXAMPLES", "60"))
LONGEST: Final = 30.0
"""Seconds that any answer may take; a path is searched for one second at the most, and a machine is busy."""

PATIENCE: Final = 2 * LONGEST
"""Seconds after which the server itself, or its database, would give up."""

LOOK_EVERY: Final = 50

GROWTH: Final = (4 if EXAMPLES >= 1000 else 24) << 20
"""Bytes; a short run is over while the caches are still being filled."""

SCHEMA: Final[GraphQLSchema] = build_schema()._schema
OPERATIONS: Final = [
    path.read_text(encoding="utf-8") for path in sorted((ROOT / "schema" / "operations").glob("*.graphql"))
]
QUIET: Final = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)

WRONG: Final = ("null", "[]", "{}", "1e400", "-0", "NOT", '"""x"""', "[[1]]", "$nobody")
PIECES: Final = ("{", "}", "@", "...", "$", "#", '"', "\u0000", "💥")
SLUGS: Final = ("python", "redis", "backend-developer", "databases", "nobody", "python@1", "@", "", "A B")
WORDS: Final = st.one_of(
    st.sampled_from(SLUGS),
    st.text(max_size=12),
    st.sampled_from(["\u0000", "\ud800", "x" * 3000, '"', "\\", "💥", "\u202e", "a/b", "{{", "%00"]),
)


def literal(text: str) -> str:
    """A text as GraphQL writes it; half of a character stays one, by its escape."""
    return f'"{"".join(map(written, text))}"'


def written(letter: str) -> str:
    return letter if letter.isascii() and letter.isalnum() else f"\\u{{{ord(letter):X}}}"


@st.composite
def value(draw: st.DrawFn, kind: Any, depth: int = 3) -> str:
    """A literal for an argument: often a fitting one."""
    if isinstance(kind, GraphQLNonNull):
        return draw(value(kind.of_type, depth)) if draw(st.integers(0, 30)) else "null"
    if not draw(st.integers(0, 15)):
        return draw(st.sampled_from(WRONG))
    if isinstance(kind, GraphQLList):
        many = draw(st.lists(value(kind.of_type, depth - 1), max_size=3))
        return f"[{', '.join(many)}]"
    if isinstance(kind, GraphQLEnumType):
        names: list[str] = [*kind.values, "NONE_OF_THEM"]
        return draw(st.sampled_from(names))
    if isinstance(kind, GraphQLInputObjectType):
        return draw(mapping(kind, depth))
    return draw(scalar(kind.name))


@st.composite
def mapping(draw: st.DrawFn, kind: GraphQLInputObjectType, depth: int) -> str:
    """An input object; empty where it would nest too deep."""
    chosen = {
        name: draw(value(each.type, depth - 1))
        for name, each in (kind.fields.items() if depth > 0 else ())
        if isinstance(each.type, GraphQLNonNull) or draw(st.booleans())
    }
    return f"{{{', '.join(f'{name}: {text}' for name, text in chosen.items())}}}"


def scalar(name: str) -> st.SearchStrategy[str]:
    whole = st.one_of(st.integers(-3, 120), st.sampled_from([2**31, -(2**63), 10**30])).map(str)
    known = {
        "Int": whole,
        "Float": st.one_of(whole, st.floats(allow_nan=False, allow_infinity=False).map(str)),
        "Boolean": st.sampled_from(["true", "false"]),
    }
    return known.get(name, WORDS.map(literal))


@st.composite
def selection(draw: st.DrawFn, kind: Any, depth: int) -> str:
    """Some fields of a type, with some arguments."""
    if isinstance(kind, GraphQLUnionType):
        return f"{{ __typename ... on {draw(st.sampled_from(kind.types)).name} {{ __typename }} }}"
    fields = list(kind.fields.items())
    chosen = draw(st.lists(st.sampled_from(fields), min_size=1, max_size=3, unique_by=lambda pair: pair[0]))
    return f"{{ {' '.join([draw(field_text(name, each, depth)) for name, each in chosen])} }}"


@st.composite
def field_text(draw: st.DrawFn, name: str, field: Any, depth: int) -> str:
    arguments = [
        f"{each}: {draw(value(argument.type))}"
        for each, argument in field.args.items()
        if isinstance(argument.type, GraphQLNonNull) or not draw(st.integers(0, 2))
    ]
    inner = get_named_type(field.type)
    text = f"{name}({', '.join(arguments)})" if arguments else name
    if isinstance(inner, GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType):
        text += f" {draw(selection(inner, depth - 1)) if depth else '{ __typename }'}"
    return text


def documents() -> st.SearchStrategy[str]:
    """Queries and mutations of our schema."""
    queries = selection(SCHEMA.query_type, 3)
    mutations = selection(SCHEMA.mutation_type, 2).map(lambda text: f"mutation {text}")
    return st.one_of(queries, queries, mutations)


@st.composite
def mutilated(draw: st.DrawFn) -> str:
    """A ready operation of which a piece was lost, doubled or replaced."""
    text = draw(st.sampled_from(OPERATIONS))
    start = draw(st.integers(0, len(text)))
    piece = text[start : start + draw(st.integers(1, 40))]
    instead = draw(st.one_of(st.just(""), st.just(piece * 2), st.sampled_from(PIECES)))
    return text[:start] + instead + text[start + len(piece) :]


def may_write() -> dict[str, str]:
    return {"authorization": f"Bearer {token_of('editor')}"}


class Target:
    """A server of its own, what was sent to it, and what it had in memory then: (requests, bytes)."""

    def __init__(self, server: Server, client: httpx.Client) -> None:
        self._server = server
        self._client = client
        self.sent = 0
        self.held: list[tuple[int, int]] = []

    def assert_answered(self, **request: Any) -> None:
        """Send a request by POST."""
        began = time.monotonic()
        response = self._client.post("/graphql", **request)
        assert response.status_code < 500, response.text
        assert time.monotonic() - began < LONGEST
        answer = response.json()
        codes = {error["extensions"]["code"] for error in answer.get("errors", ())}
        assert "INTERNAL" not in codes, answer
        assert codes or "data" in answer
        self.sent += 1
        if self.sent % LOOK_EVERY == 0:
            self.look()

    def look(self) -> None:
        """Note what the server has in memory."""
        self.held.append((self.sent, self._server.memory))


@pytest.fixture(scope="module")
def target(
    neo4j: Connection,
    settings: Settings,
    seed_documents: list[Document],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Target]:
    """A server over the roadmaps that ship with the project."""

    async def prepare() -> None:
        patient = settings.model_copy(update={"neo4j_timeout": PATIENCE})
        async with connect(patient) as database:
            await seed(database, seed_documents, name="seed")

    with asyncio.Runner() as runner:
        runner.run(prepare())
        patience = {"operation_timeout": PATIENCE, "neo4j_timeout": PATIENCE}
        opened = server(neo4j, tmp_path_factory.mktemp("fuzz"), **patience)
        started = runner.run(opened.__aenter__())
        try:
            with httpx.Client(base_url=started.address, timeout=2 * PATIENCE) as client:
                yield Target(started, client)
        finally:
            runner.run(opened.__aexit__(None, None, None))


def test_any_document_of_the_schema_is_answered(target: Target) -> None:
    @QUIET
    @given(documents())
    def ask(query: str) -> None:
        target.assert_answered(json={"query": query}, headers=may_write())

    ask()


def test_a_document_with_a_fault_in_it_is_answered(target: Target) -> None:
    @QUIET
    @given(mutilated())
    def ask(query: str) -> None:
        target.assert_answered(json={"query": query}, headers=may_write())

    ask()


def test_any_bytes_are_answered(target: Target) -> None:
    kinds = st.sampled_from(["application/json", "text/plain", "application/json; charset=utf-16", "", "x"])

    @QUIET
    @given(st.one_of(st.binary(max_size=200), mutilated().map(str.encode)), kinds)
    def ask(content: bytes, kind: str) -> None:
        target.assert_answered(content=content, headers={"content-type": kind})

    ask()


def test_nothing_of_all_that_is_left_in_memory(target: Target) -> None:
    """The first half leaves full caches behind; in the second half nothing grows any more."""
    target.look()
    half = next(held for sent, held in target.held if sent >= target.sent / 2)
    _, last = target.held[-1]
    print(f"{target.sent} requests, MB:", [(sent, held >> 20) for sent, held in target.held])  # noqa: T201 - shown with -s
    assert target.sent >= 3 * EXAMPLES
    assert last - half < GROWTH

"""Inputs that are no good: each is refused with a code, and none of them is a fault of ours."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import pytest

from graph_api.endpoint.negotiation import GRAPHQL, JSON
from tests.endpoint.conftest import LIMIT, build, over
from tests.endpoint.socket_api import SUBSCRIBE, peer, served
from tests.endpoint.socket_api import build as build_sockets

HELLO: Final = b'{"query": "{ hello }"}'
SIZE: Final = "query ($n: [Int!]!) { size(of: $n) }"


@dataclass(frozen=True)
class Bad:
    """A request, and how it is refused."""

    code: str
    body: bytes = b""
    status: int = 400
    method: str = "POST"
    params: dict[str, str] | None = None
    headers: dict[str, str] = field(default_factory=dict)


def query(text: str, code: str, **more: Any) -> Bad:
    """A document that cannot be executed."""
    return Bad(code, json.dumps({"query": text, **more}).encode())


def size_of(entries: bytes, code: str = "BAD_USER_INPUT") -> Bad:
    """Variables that do not fit."""
    return Bad(code, b'{"query": "' + SIZE.encode() + b'", "variables": {"n": ' + entries + b"}}")


def typed(content_type: str) -> Bad:
    """A body of another type."""
    return Bad("UNSUPPORTED_MEDIA_TYPE", HELLO, 415, headers={"content-type": content_type})


def get(code: str, status: int = 400, **params: str) -> Bad:
    """A request by GET."""
    return Bad(code, status=status, method="GET", params=params)


BAD: Final[dict[str, Bad]] = {
    # Not JSON, or not in UTF-8.
    "nothing": Bad("BAD_JSON"),
    "spaces": Bad("BAD_JSON", b"  "),
    "half an object": Bad("BAD_JSON", b'{"query": '),
    "a zero byte": Bad("BAD_JSON", b"\0"),
    "single quotes": Bad("BAD_JSON", b"{'query': '{ hello }'}"),
    "a comma too many": Bad("BAD_JSON", b'{"query": "{ hello }",}'),
    "two objects": Bad("BAD_JSON", HELLO + HELLO),
    "NaN": size_of(b"[NaN]", "BAD_JSON"),
    "Infinity": size_of(b"[Infinity]", "BAD_JSON"),
    "latin-1": Bad("BAD_JSON", b'{"query": "\xe9"}'),
    "a byte that UTF-8 never has": Bad("BAD_JSON", b'{"query": "\xff"}'),
    "utf-16": Bad("BAD_JSON", '{"query": "{ hello }"}'.encode("utf-16")),
    "a byte order mark": Bad("BAD_JSON", b"\xef\xbb\xbf" + HELLO),
    "half a surrogate pair in the query": Bad("BAD_JSON", b'{"query": "{ hello(name: \\"\\ud800\\") }"}'),
    "half a surrogate pair in the variables": size_of(b'["\\udfff"]', "BAD_JSON"),
    "half a surrogate pair in utf-8": Bad("BAD_JSON", b'{"query": "\xed\xa0\x80"}'),
    "variables 4,000 deep": size_of(b"[" * 4000 + b"]" * 4000, "BAD_JSON"),
    "variables that never end": size_of(b"[" * 4000, "BAD_JSON"),
    "objects 1,500 deep": size_of(b'{"":' * 1500 + b"1" + b"}" * 1500, "BAD_JSON"),
    "a number that is none": size_of(b"[01]", "BAD_JSON"),
    # JSON that is no request.
    "1": Bad("BAD_REQUEST", b"1"),
    "null": Bad("BAD_REQUEST", b"null"),
    "true": Bad("BAD_REQUEST", b"true"),
    "a text": Bad("BAD_REQUEST", b'"x"'),
    "an empty list": Bad("BAD_REQUEST", b"[]"),
    "a batch": Bad("BAD_REQUEST", b"[" + HELLO + b"]"),
    "an empty object": Bad("BAD_REQUEST", b"{}"),
    "a query that is null": Bad("BAD_REQUEST", b'{"query": null}'),
    "a query that is a number": Bad("BAD_REQUEST", b'{"query": 1}'),
    "a query that is a list": Bad("BAD_REQUEST", b'{"query": ["{ hello }"]}'),
    "an empty query": Bad("BAD_REQUEST", b'{"query": ""}'),
    "a query of spaces": Bad("BAD_REQUEST", b'{"query": " \\n\\t"}'),
    "a query by another name": Bad("BAD_REQUEST", b'{"Query": "{ hello }"}'),
    "variables that are a list": query("{ hello }", "BAD_REQUEST", variables=[]),
    "variables that are a text": query("{ hello }", "BAD_REQUEST", variables="{}"),
    "a name that is a number": query("{ hello }", "BAD_REQUEST", operationName=1),
    "extensions that are a list": query("{ hello }", "BAD_REQUEST", extensions=[]),
    # Not GraphQL.
    "a word": query("nonsense", "GRAPHQL_PARSE_FAILED"),
    "an open brace": query("{", "GRAPHQL_PARSE_FAILED"),
    "a document without anything": query("# only a comment", "GRAPHQL_PARSE_FAILED"),
    "a zero byte in a document": query("{ hello\0 }", "GRAPHQL_PARSE_FAILED"),
    "a text that never ends": query('{ hello(name: "x) }', "GRAPHQL_PARSE_FAILED"),
    "half a surrogate pair, escaped": query('{ hello(name: "\\uD800") }', "GRAPHQL_PARSE_FAILED"),
    "a code point that is none": query('{ hello(name: "\\u{110000}") }', "GRAPHQL_PARSE_FAILED"),
    "a lone dollar": query("query ($) { hello }", "GRAPHQL_PARSE_FAILED"),
    # GraphQL that does not fit.
    "an unknown field": query("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
    "an unknown argument": query("{ hello(nothing: 1) }", "GRAPHQL_VALIDATION_FAILED"),
    "an unknown directive": query("{ hello @nothing }", "GRAPHQL_VALIDATION_FAILED"),
    "an unknown type": query("query ($v: Nothing) { hello(name: $v) }", "GRAPHQL_VALIDATION_FAILED"),
    "an unknown fragment": query("{ ...Nothing }", "GRAPHQL_VALIDATION_FAILED"),
    "a fragment of itself": query("{ ...A } fragment A on Query { ...A }", "GRAPHQL_VALIDATION_FAILED"),
    "a fragment alone": query("fragment A on Query { hello }", "GRAPHQL_VALIDATION_FAILED"),
    "a type": query("type Query { hello: String }", "GRAPHQL_VALIDATION_FAILED"),
    "a leaf with fields": query("{ hello { x } }", "GRAPHQL_VALIDATION_FAILED"),
    "an object without fields": query("{ me }", "GRAPHQL_VALIDATION_FAILED"),
    "fields that conflict": query('{ hello hello(name: "x") }', "GRAPHQL_VALIDATION_FAILED"),
    "@defer": query("{ ... @defer { hello } }", "GRAPHQL_VALIDATION_FAILED"),
    "two operations and no name": query("query A { hello } query B { hello }", "GRAPHQL_VALIDATION_FAILED"),
    "an operation that is not there": query(
        "query A { hello }", "GRAPHQL_VALIDATION_FAILED", operationName="B"
    ),
    "operations of one name": query(
        "query A { hello } query A { hello }", "GRAPHQL_VALIDATION_FAILED", operationName="A"
    ),
    "a number of 5,000 digits": query(f"{{ size(of: [{'9' * 5000}]) }}", "GRAPHQL_VALIDATION_FAILED"),
    "a number past 32 bits": query("{ size(of: [2147483648]) }", "GRAPHQL_VALIDATION_FAILED"),
    "a default of 5,000 digits": query(
        f"query ($n: [Int!]! = [{'9' * 5000}]) {{ size(of: $n) }}", "GRAPHQL_VALIDATION_FAILED"
    ),
    "a subscription": query("subscription { ticks }", "UNSUPPORTED_OPERATION"),
    # Variables that do not fit.
    "a variable that is missing": query(SIZE, "BAD_USER_INPUT"),
    "a variable that is null": size_of(b"null"),
    "a variable of another type": size_of(b'["x"]'),
    "a variable of objects": size_of(b'[{"a": {}}]'),
    "a variable of 5,000 digits": size_of(b"[" + b"9" * 5000 + b"]", "BAD_JSON"),
    "a variable of 30 digits": size_of(b"[" + b"9" * 30 + b"]"),
    "a variable past 32 bits": size_of(b"[2147483648]"),
    "a variable past 64 bits": size_of(b"[18446744073709551616]"),
    "a variable past all floats": size_of(b"[1e400]", "BAD_JSON"),
    "a fraction": size_of(b"[1.5]"),
    "a variable 500 deep": size_of(b"[" * 500 + b"]" * 500),
    # Past a limit.
    "a body past the limit": Bad("BODY_TOO_LARGE", HELLO + b" " * LIMIT, 413),
    "too many tokens": query("{" + " hello" * 1_600 + " }", "LIMIT_EXCEEDED"),
    "too deep": query("{ me " * 30 + "{ hello" + " }" * 31, "LIMIT_EXCEEDED"),
    "too many aliases": query("{" + "".join(f" a{n}: hello" for n in range(101)) + " }", "LIMIT_EXCEEDED"),
    "too many directives": query("{ hello" + " @a" * 51 + " }", "LIMIT_EXCEEDED"),
    # HTTP.
    "jsonp": typed("application/jsonp"),
    "a form": typed("application/x-www-form-urlencoded"),
    "an upload": typed("multipart/form-data; boundary=x"),
    "text": typed("text/plain"),
    "application/graphql": typed("application/graphql"),
    "no type": typed(""),
    "a type that is none": typed(";;;"),
    "another charset": typed(f"{JSON}; charset=latin-1"),
    "an answer in HTML": Bad("NOT_ACCEPTABLE", HELLO, 406, headers={"accept": "text/html"}),
    "an answer in nothing": Bad("NOT_ACCEPTABLE", HELLO, 406, headers={"accept": "*/*;q=0"}),
    "PUT": Bad("METHOD_NOT_ALLOWED", HELLO, 405, method="PUT"),
    "DELETE": Bad("METHOD_NOT_ALLOWED", b"", 405, method="DELETE"),
    "GET without a query": get("BAD_REQUEST"),
    "GET with variables that are no JSON": get("BAD_JSON", query="{ hello }", variables="{"),
    "GET with variables that are a list": get("BAD_REQUEST", query="{ hello }", variables="[]"),
    "GET with extensions that are a number": get("BAD_REQUEST", query="{ hello }", extensions="1"),
    "GET with a mutation": get("METHOD_NOT_ALLOWED", 405, query="mutation { add(number: 1) }"),
    "a token that nobody takes": Bad("UNAUTHENTICATED", HELLO, 401, headers={"authorization": "Bearer x"}),
    "a header of another scheme": Bad("UNAUTHENTICATED", HELLO, 401, headers={"authorization": "Basic eA=="}),
}


class Tracebacks(logging.Handler):
    """Whatever is logged with one."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info or record.levelno >= logging.ERROR:
            self.found.append(record.getMessage())


@pytest.fixture(autouse=True)
def no_traceback() -> Iterator[None]:
    """Nobody logs one, uvicorn neither: its loggers keep theirs from the root."""
    tracebacks = Tracebacks()
    loggers = [logging.getLogger(), logging.getLogger("uvicorn"), logging.getLogger("uvicorn.error")]
    for each in loggers:
        each.addHandler(tracebacks)
    yield
    for each in loggers:
        each.removeHandler(tracebacks)
    assert tracebacks.found == []


@pytest.mark.parametrize("name", BAD)
async def test_a_bad_request_is_refused_with_a_code(name: str) -> None:
    bad = BAD[name]
    headers = {"content-type": JSON, "accept": GRAPHQL, **bad.headers}
    async with over(build()) as http:
        response = await http.request(
            bad.method, "/graphql", content=bad.body, params=bad.params, headers=headers
        )
    assert response.status_code == bad.status
    answer = response.json()
    assert "data" not in answer
    assert {error["extensions"]["code"] for error in answer["errors"]} == {bad.code}
    assert all(error["message"] for error in answer["errors"])


def test_the_list_is_long() -> None:
    assert len(BAD) + len(CLOSED) + len(ENDED) > 100


def subscribe(**payload: object) -> str:
    return json.dumps({"id": "a", "type": "subscribe", "payload": payload})


CLOSED: Final[dict[str, tuple[str | bytes, int]]] = {
    # Messages that end the conversation, each with the protocol's code.
    "nothing": ("", 4400),
    "no JSON": ("{", 4400),
    "a list": ('[{"type": "ping"}]', 4400),
    "null": ("null", 4400),
    "a number": ("1e400", 4400),
    "bytes": (b'{"type": "ping"}', 4400),
    "5,000 lists deep": ('{"type": "ping", "payload": ' + "[" * 5000 + "]" * 5000 + "}", 4400),
    "half a surrogate pair": ('{"type": "ping", "payload": {"a": "\\ud800"}}', 4400),
    "no type": ("{}", 4400),
    "a type that is an object": ('{"type": {}}', 4400),
    "the type of the older protocol": ('{"id": "a", "type": "start", "payload": {}}', 4400),
    "a server's type": ('{"id": "a", "type": "next", "payload": {}}', 4400),
    "no id": ('{"type": "subscribe", "payload": {"query": "{ hello }"}}', 4400),
    "an id that is a number": (json.dumps({**SUBSCRIBE, "id": 1}), 4400),
    "no payload": ('{"id": "a", "type": "subscribe"}', 4400),
    "a query that is a number": (subscribe(query=1), 4400),
    "variables that are a list": (subscribe(query="{ hello }", variables=[1]), 4400),
    "extensions that are a text": (subscribe(query="{ hello }", extensions="x"), 4400),
    "a name that is a list": (subscribe(query="{ hello }", operationName=[]), 4400),
    "neither a query nor a document's id": (subscribe(variables={}), 4400),
    "a query and a document's id": (subscribe(query="{ hello }", documentId="x"), 4400),
    "a document's id that is a number": (subscribe(documentId=1), 4400),
    "a message of 30 KB": ('{"type": "ping"}' + " " * 30_000, 1009),
    "a second beginning": ('{"type": "connection_init"}', 4429),
}

ENDED: Final[dict[str, tuple[dict[str, object], str]]] = {
    # Operations that are refused; the socket and its other operations go on.
    "a word": ({"query": "nonsense"}, "GRAPHQL_PARSE_FAILED"),
    "an empty query": ({"query": ""}, "GRAPHQL_PARSE_FAILED"),
    "an open brace": ({"query": "{"}, "GRAPHQL_PARSE_FAILED"),
    "a document's id where there are none": ({"documentId": "x"}, "PERSISTED_DOCUMENT_NOT_SUPPORTED"),
    "an unknown field": ({"query": "{ nothing }"}, "GRAPHQL_VALIDATION_FAILED"),
    "an unknown fragment": ({"query": "{ ...Nothing }"}, "GRAPHQL_VALIDATION_FAILED"),
    "a fragment of itself": (
        {"query": "{ ...A } fragment A on Query { ...A }"},
        "GRAPHQL_VALIDATION_FAILED",
    ),
    "two subscriptions at once": (
        {"query": "subscription { a: ticks { number } b: ticks { number } }"},
        "GRAPHQL_VALIDATION_FAILED",
    ),
    "two operations and no name": (
        {"query": "query A { hello } query B { hello }"},
        "GRAPHQL_VALIDATION_FAILED",
    ),
    "an operation that is not there": (
        {"query": "query A { hello }", "operationName": "B"},
        "GRAPHQL_VALIDATION_FAILED",
    ),
    "variables of another type": (
        {"query": "mutation ($n: Int!) { add(number: $n) }", "variables": {"n": "x"}},
        "BAD_USER_INPUT",
    ),
    "a number past 32 bits": (
        {"query": "mutation ($n: Int!) { add(number: $n) }", "variables": {"n": 2**31}},
        "BAD_USER_INPUT",
    ),
    "a subscription with a number past 64 bits": (
        {"query": "subscription ($n: Int!) { ticks(until: $n) { number } }", "variables": {"n": 2**64}},
        "BAD_USER_INPUT",
    ),
    "too many tokens": ({"query": "{" + " hello" * 2_000 + " }"}, "LIMIT_EXCEEDED"),
    "too many fields": (
        {
            "query": "{ ...F0 } fragment F20 on Query { hello } "
            + " ".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(20))
        },
        "LIMIT_EXCEEDED",
    ),
    "too many directives": ({"query": "{ hello" + " @a" * 51 + " }"}, "LIMIT_EXCEEDED"),
}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A server of sockets."""
    with served(build_sockets()) as (address, _):
        yield address


@pytest.mark.parametrize("name", CLOSED)
async def test_a_bad_message_closes_the_socket_with_a_code(address: str, name: str) -> None:
    message, code = CLOSED[name]
    async with peer(address) as client:
        await client.connection.send(message)
        assert (await client.closed())[0] == code


@pytest.mark.parametrize("name", ENDED)
async def test_a_bad_operation_ends_alone(address: str, name: str) -> None:
    payload, code = ENDED[name]
    async with peer(address) as client:
        await client.say({"id": "bad", "type": "subscribe", "payload": payload})
        heard = await client.hear()
        assert (heard["id"], heard["type"]) == ("bad", "error")
        assert {error["extensions"]["code"] for error in heard["payload"]} == {code}
        await client.subscribe("good", "{ hello }")
        assert (await client.hear())["payload"] == {"data": {"hello": "hello"}}

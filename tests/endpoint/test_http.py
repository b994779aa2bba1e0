"""GraphQL over HTTP: what is asked how, what is refused with which status, and what every answer carries."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import graphql
import httpx
import pytest
from graphql import get_introspection_query

from graph_api.endpoint import documents
from graph_api.endpoint.negotiation import GRAPHQL, JSON
from tests.endpoint.conftest import LIMIT, build, over, post

HELLO = {"data": {"hello": "hello world"}}
BOTH = [(JSON, 200), (GRAPHQL, 400)]
"""Media types, and the status that each has for a request that could not be executed."""


def code(response: httpx.Response) -> str:
    """The code that all errors of an answer without data have."""
    answer = response.json()
    assert "data" not in answer
    [found] = {error["extensions"]["code"] for error in answer["errors"]}
    return str(found)


@pytest.mark.parametrize("media_type", [JSON, GRAPHQL])
async def test_a_query_by_post_and_by_get(http: httpx.AsyncClient, media_type: str) -> None:
    by_post = await post(http, {"query": "{ hello }"}, accept=media_type)
    by_get = await http.get("/graphql", params={"query": "{ hello }"}, headers={"accept": media_type})
    for response in (by_post, by_get):
        assert response.status_code == 200
        assert response.headers["content-type"] == f"{media_type}; charset=utf-8"
        assert response.json() == HELLO
    assert by_post.headers["vary"] == "accept"
    assert by_get.headers["vary"] == "accept, authorization"


async def test_variables_and_the_name_of_the_operation_are_taken_both_ways(http: httpx.AsyncClient) -> None:
    query = "query One($n: String!) { hello(name: $n) } query Two { me { hello } }"
    for name, expected in [("One", {"hello": "hello é"}), ("Two", {"me": {"hello": "hello world"}})]:
        asked = {"query": query, "operationName": name}
        by_post = await post(http, {**asked, "variables": {"n": "é"}})
        by_get = await http.get("/graphql", params={**asked, "variables": '{"n": "é"}'})
        assert by_post.json() == by_get.json() == {"data": expected}


@pytest.mark.parametrize("absent", [{}, {"variables": None, "operationName": None, "extensions": None}])
async def test_what_is_null_counts_as_left_out(http: httpx.AsyncClient, absent: dict[str, None]) -> None:
    assert (await post(http, {"query": "{ hello }", **absent})).json() == HELLO


async def test_an_empty_name_of_an_operation_counts_as_none(http: httpx.AsyncClient) -> None:
    assert (await post(http, {"query": "{ hello }", "operationName": ""})).json() == HELLO


async def test_unknown_parameters_are_ignored(http: httpx.AsyncClient) -> None:
    assert (await post(http, {"query": "{ hello }", "id": 7, "extensions": {"a": 1}})).json() == HELLO


@pytest.mark.parametrize(
    "content_type", [JSON, f"{JSON}; charset=utf-8", f'{JSON};CHARSET="UTF-8"', "Application/JSON"]
)
async def test_json_in_utf_8_is_read(http: httpx.AsyncClient, content_type: str) -> None:
    response = await http.post(
        "/graphql", content=b'{"query": "{ hello }"}', headers={"content-type": content_type}
    )
    assert response.json() == HELLO


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "application/jsonp",
        "application/graphql",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/plain",
        f"{JSON}; charset=latin-1",
        f"{JSON}; charset=utf-16",
        f"text/plain, {JSON}",
    ],
)
async def test_a_body_of_another_type_is_415(http: httpx.AsyncClient, content_type: str | None) -> None:
    headers = {} if content_type is None else {"content-type": content_type}
    response = await http.post("/graphql", content=b'{"query": "{ hello }"}', headers=headers)
    assert response.status_code == 415
    assert response.headers["accept-post"] == JSON
    assert code(response) == "UNSUPPORTED_MEDIA_TYPE"


DEEP = b'{"query": "{ hello }", "variables": {"a": ' + b"[" * 4000 + b"]" * 4000 + b"}}"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", "BAD_JSON"),
        (b" ", "BAD_JSON"),
        (b"{", "BAD_JSON"),
        (b"nonsense", "BAD_JSON"),
        (b'{"query": "{ hello }"', "BAD_JSON"),
        (b"{'query': '{ hello }'}", "BAD_JSON"),
        (b'{"query": "\xff"}', "BAD_JSON"),
        ('{"query": "{ hello }"}'.encode("utf-16"), "BAD_JSON"),
        (b'{"query": "{ hello }", "variables": {"a": NaN}}', "BAD_JSON"),
        (b'{"query": "\\ud800"}', "BAD_JSON"),
        (DEEP, "BAD_JSON"),
        (b"1", "BAD_REQUEST"),
        (b"null", "BAD_REQUEST"),
        (b"true", "BAD_REQUEST"),
        (b'"x"', "BAD_REQUEST"),
        (b"[]", "BAD_REQUEST"),
        (b'[{"query": "{ hello }"}]', "BAD_REQUEST"),
        (b"{}", "BAD_REQUEST"),
        (b'{"query": null}', "BAD_REQUEST"),
        (b'{"query": 1}', "BAD_REQUEST"),
        (b'{"query": ["{ hello }"]}', "BAD_REQUEST"),
        (b'{"query": ""}', "BAD_REQUEST"),
        (b'{"query": " \\n"}', "BAD_REQUEST"),
        (b'{"query": "{ hello }", "variables": 1}', "BAD_REQUEST"),
        (b'{"query": "{ hello }", "variables": "{}"}', "BAD_REQUEST"),
        (b'{"query": "{ hello }", "variables": []}', "BAD_REQUEST"),
        (b'{"query": "{ hello }", "operationName": 1}', "BAD_REQUEST"),
        (b'{"query": "{ hello }", "operationName": {}}', "BAD_REQUEST"),
        (b'{"query": "{ hello }", "extensions": 1}', "BAD_REQUEST"),
        (b'{"query": "{ hello }", "extensions": []}', "BAD_REQUEST"),
    ],
)
@pytest.mark.parametrize("media_type", [JSON, GRAPHQL])
async def test_a_body_that_is_no_request_is_400(
    http: httpx.AsyncClient, body: bytes, expected: str, media_type: str
) -> None:
    response = await http.post("/graphql", content=body, headers={"content-type": JSON, "accept": media_type})
    assert response.status_code == 400
    assert response.headers["content-type"] == f"{media_type}; charset=utf-8"
    assert code(response) == expected


async def test_a_very_long_number_is_no_whole_number(http: httpx.AsyncClient) -> None:
    digits = "9" * 5000
    body = f'{{"query": "query ($n: [Int!]!) {{ size(of: $n) }}", "variables": {{"n": [{digits}]}}}}'
    response = await http.post("/graphql", content=body, headers={"content-type": JSON})
    assert response.status_code in {200, 400}
    assert response.json()["errors"]
    response = await post(http, {"query": f"{{ size(of: [{digits}]) }}"})
    assert response.json()["errors"]
    assert code(response) == "GRAPHQL_VALIDATION_FAILED"


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"query": ""},
        {"query": "{ hello }", "variables": "nonsense"},
        {"query": "{ hello }", "variables": "[]"},
        {"query": "{ hello }", "extensions": "1"},
    ],
)
async def test_parameters_that_are_no_request_are_400(
    http: httpx.AsyncClient, parameters: dict[str, str]
) -> None:
    response = await http.get("/graphql", params=parameters)
    assert response.status_code == 400
    assert code(response) in {"BAD_REQUEST", "BAD_JSON"}


async def test_a_body_that_is_too_long_is_413(http: httpx.AsyncClient) -> None:
    body = b'{"query": "' + b" " * LIMIT + b'{ hello }"}'

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 1000):
            yield body[start : start + 1000]

    in_pieces = await http.post("/graphql", content=pieces(), headers={"content-type": JSON})
    assert in_pieces.status_code == 413
    assert code(in_pieces) == "BODY_TOO_LARGE"
    announced = await http.post("/graphql", content=body, headers={"content-type": JSON})
    assert announced.status_code == 413
    assert code(announced) == "BODY_TOO_LARGE"


async def test_a_body_just_below_the_limit_is_read(http: httpx.AsyncClient) -> None:
    body = b'{"query": "{ hello }"}'
    padded = body + b" " * (LIMIT - len(body))
    response = await http.post("/graphql", content=padded, headers={"content-type": JSON})
    assert response.json() == HELLO


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"])
async def test_another_method_is_405_and_told_which_are_allowed(http: httpx.AsyncClient, method: str) -> None:
    response = await http.request(method, "/graphql")
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, POST"


async def test_a_mutation_needs_post(http: httpx.AsyncClient) -> None:
    query = "mutation { add(number: 1) }"
    assert (await post(http, {"query": query})).json() == {"data": {"add": 2}}
    response = await http.get("/graphql", params={"query": query})
    assert response.status_code == 405
    assert response.headers["allow"] == "POST"
    assert code(response) == "METHOD_NOT_ALLOWED"


async def test_a_query_by_get_beside_a_mutation_is_a_query(http: httpx.AsyncClient) -> None:
    query = "query Q { hello } mutation M { add(number: 1) }"
    response = await http.get("/graphql", params={"query": query, "operationName": "Q"})
    assert response.json() == HELLO
    response = await http.get("/graphql", params={"query": query, "operationName": "M"})
    assert response.status_code == 405


async def test_a_subscription_is_not_answered_over_http(http: httpx.AsyncClient) -> None:
    response = await post(http, {"query": "subscription { ticks }"})
    assert response.status_code == 400
    assert code(response) == "UNSUPPORTED_OPERATION"


@pytest.mark.parametrize(("media_type", "status"), BOTH)
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"query": "{"}, "GRAPHQL_PARSE_FAILED"),
        ({"query": "nonsense"}, "GRAPHQL_PARSE_FAILED"),
        ({"query": '{ hello(name: "\\uD800") }'}, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{ nothing }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "{ hello { x } }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "{ me }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "query ($n: String!) { hello(name: $n) }"}, "BAD_USER_INPUT"),
        ({"query": "query ($n: String!) { hello(name: $n) }", "variables": {"n": 1}}, "BAD_USER_INPUT"),
        ({"query": "query A { hello } query B { hello }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "query A { hello }", "operationName": "B"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "fragment F on Query { hello }"}, "GRAPHQL_VALIDATION_FAILED"),
    ],
)
async def test_what_cannot_be_executed_has_no_data(
    http: httpx.AsyncClient, media_type: str, status: int, body: dict[str, Any], expected: str
) -> None:
    response = await post(http, body, accept=media_type)
    assert response.status_code == status
    assert response.headers["content-type"].startswith(media_type)
    assert code(response) == expected


@pytest.mark.parametrize("media_type", [JSON, GRAPHQL])
async def test_an_error_of_a_field_comes_with_data_and_200(http: httpx.AsyncClient, media_type: str) -> None:
    response = await post(http, {"query": "{ hello refused }"}, accept=media_type)
    assert response.status_code == 200
    assert response.json() == {
        "data": {"hello": "hello world", "refused": None},
        "errors": [
            {
                "message": "Not like this.",
                "locations": [{"line": 1, "column": 9}],
                "path": ["refused"],
                "extensions": {"code": "BAD_USER_INPUT"},
            }
        ],
    }


@pytest.mark.parametrize("media_type", [JSON, GRAPHQL])
async def test_data_that_an_error_made_null_is_still_there(http: httpx.AsyncClient, media_type: str) -> None:
    response = await post(http, {"query": "{ required }"}, accept=media_type)
    assert response.status_code == 200
    assert response.json()["data"] is None
    assert response.json()["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT"}


async def test_what_nobody_foresaw_is_masked(
    http: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    response = await post(http, {"query": "{ a: broken b: broken }"})
    assert "secret" not in response.text
    first, second = response.json()["errors"]
    assert first["message"] == "Something went wrong on our side."
    assert first["extensions"]["code"] == "INTERNAL"
    assert first["extensions"]["errorId"] != second["extensions"]["errorId"], "two faults"
    logged = [record.getMessage() for record in caplog.records if record.exc_info]
    assert len(logged) == 2
    assert first["extensions"]["errorId"] in logged[0]
    caplog.clear()


@pytest.mark.parametrize(
    "text", ["{ hello " + "hello " * 4000 + "}", "{" + " me {" * 2500 + " hello " + "}" * 2501]
)
async def test_a_document_of_too_many_tokens_is_not_parsed(text: str) -> None:
    async with over(build()) as http:
        response = await http.get("/graphql", params={"query": text})
    assert code(response) == "LIMIT_EXCEEDED"


@pytest.mark.parametrize("depth", [100, 500, 1900])
async def test_a_deeply_nested_document_gets_an_answer(http: httpx.AsyncClient, depth: int) -> None:
    nested = "{" + "me{" * depth + "hello" + "}" * depth + "}"
    response = await post(http, {"query": nested})
    assert response.status_code in {200, 400}
    assert response.json().keys() & {"data", "errors"}
    assert "errorId" not in response.text
    values = "{ size(of: " + "[" * depth + "]" * depth + ") }"
    response = await post(http, {"query": values})
    assert response.json()["errors"]
    assert "errorId" not in response.text


async def test_a_document_is_parsed_and_validated_once(
    http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    parse, validate = graphql.parse, graphql.validate

    def counted_parse(*arguments: Any, **options: Any) -> Any:
        done.append("parsed")
        return parse(*arguments, **options)

    def counted_validate(*arguments: Any, **options: Any) -> Any:
        done.append("validated")
        return validate(*arguments, **options)

    monkeypatch.setattr(documents, "parse", counted_parse)
    monkeypatch.setattr(documents, "validate", counted_validate)
    for name in ("a", "b", "c"):
        query = "query Once($n: String!) { hello(name: $n) }"
        response = await post(http, {"query": query, "variables": {"n": name}})
        assert response.json() == {"data": {"hello": f"hello {name}"}}
    assert done == ["parsed", "validated"]
    for _ in range(2):
        assert code(await post(http, {"query": "{ neverHeardOf }"})) == "GRAPHQL_VALIDATION_FAILED"
    assert done == ["parsed", "validated"] * 2


async def test_the_schema_can_be_read_unless_that_is_turned_off(http: httpx.AsyncClient) -> None:
    query = get_introspection_query()
    assert (await post(http, {"query": query})).json()["data"]["__schema"]
    async with over(build(introspection=False)) as closed:
        for text in (query, '{ __type(name: "Query") { name } }'):
            assert code(await post(closed, {"query": text})) == "GRAPHQL_VALIDATION_FAILED"
        assert (await post(closed, {"query": "{ __typename hello }"})).json()["data"]["__typename"] == "Query"


@pytest.mark.parametrize("body", [{"query": "{ hello }"}, {"query": "{"}, []])
async def test_every_answer_carries_the_security_headers(http: httpx.AsyncClient, body: Any) -> None:
    headers = (await post(http, body)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe-eval" not in headers["content-security-policy"]


async def test_a_refused_media_type_is_406(http: httpx.AsyncClient) -> None:
    response = await post(http, {"query": "{ hello }"}, accept="text/html")
    assert response.status_code == 406
    assert response.headers["content-type"].startswith(JSON)
    assert code(response) == "NOT_ACCEPTABLE"

"""The whole application: where things are, and how long browsers may keep them."""

from __future__ import annotations

import re

import pytest

from tests.conftest import Client


async def test_the_root_leads_to_graphiql(client: Client) -> None:
    response = await client.http.get("/", follow_redirects=True)
    assert response.status_code == 200
    assert response.url.path == "/graphiql/"
    assert "<title>Roadmap Graph" in response.text


async def test_the_page_is_asked_for_each_time_and_its_hashed_files_never_again(client: Client) -> None:
    page = await client.http.get("/graphiql/")
    assert page.headers["cache-control"] == "no-cache"
    assert page.headers["etag"]
    assets = re.findall(r'"\./(assets/[^"]+)"', page.text)
    assert assets
    for path in assets:
        response = await client.http.get(f"/graphiql/{path}")
        assert response.status_code == 200
        assert response.headers["cache-control"] == "public, max-age=31536000, immutable"


async def test_an_unchanged_page_is_not_sent_again(client: Client) -> None:
    tag = (await client.http.get("/graphiql/")).headers["etag"]
    assert (await client.http.get("/graphiql/", headers={"if-none-match": tag})).status_code == 304


@pytest.mark.parametrize("path", ["/nowhere", "/graphiql/nowhere.js", "/graphiql/../app.py", "/livez/x"])
async def test_what_is_nowhere_is_404(client: Client, path: str) -> None:
    assert (await client.http.get(path)).status_code == 404


@pytest.mark.parametrize("path", ["/livez", "/graphiql/", "/graphiql/operations.json", "/nowhere", "/"])
async def test_every_answer_carries_the_security_headers(client: Client, path: str) -> None:
    headers = (await client.http.get(path)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


async def test_a_body_longer_than_the_setting_is_413(client: Client) -> None:
    response = await client.http.post(
        "/graphql", json={"query": "{ catalogue { revision } }" + " " * 1_000_000}
    )
    assert response.status_code == 413


async def test_variables_nested_100_000_deep_are_not_json(client: Client) -> None:
    deep = b"[" * 100_000 + b"]" * 100_000
    body = b'{"query": "{ catalogue { revision } }", "variables": {"a": ' + deep + b"}}"
    response = await client.http.post("/graphql", content=body, headers={"content-type": "application/json"})
    assert response.status_code == 400
    assert response.json()["errors"][0]["extensions"] == {"code": "BAD_JSON"}

"""Trusted documents: which there are, how they are named, and how long their answers may be kept."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from graph_api.app import create_app
from graph_api.endpoint.request import GraphQLRequest, Refused
from graph_api.endpoint.trusted import (
    Trust,
    TrustedDocuments,
    document_id,
    read_documents,
)
from graph_api.errors import ConfigurationError
from graph_api.knowledge.model import Catalogue
from graph_api.settings import Settings
from tests.conftest import ROOT, Client, in_process

OPERATIONS = ROOT / "schema" / "operations"
DOCUMENTS = read_documents([OPERATIONS])
PAGE = next(document for document in DOCUMENTS.values() if document.name == "CataloguePage")
OWN = "query Own($slug: String!) { topic(slug: $slug) { title } }\n"
LIMITED = "query Limited { rateLimit { limit } }\n"
CHANGE = 'mutation Change { deleteTopic(input: {slug: "x"}) { revision } }\n'


@pytest.fixture
async def only(
    settings: Settings,
    catalogue: Catalogue,  # noqa: ARG001 - it is what the database holds
    tmp_path: Path,
) -> AsyncIterator[Client]:
    """The API that executes trusted documents alone: its own, and three more."""
    (tmp_path / "more").mkdir()
    for name, text in (("own", OWN), ("more/limited", LIMITED), ("change", CHANGE)):
        (tmp_path / f"{name}.graphql").write_text(text, encoding="utf-8")
    update = {"trusted_documents": "only", "trusted_folder": tmp_path, "trusted_max_age": 30}
    async with in_process(create_app(settings.model_copy(update=update))) as client:
        yield client


async def get(client: Client, document: str, variables: Any = None, **headers: str) -> httpx.Response:
    parameters = {"documentId": document}
    if variables is not None:
        parameters["variables"] = json.dumps(variables)
    return await client.http.get("/graphql", params=parameters, headers={**client.headers, **headers})


def code(answer: httpx.Response) -> str:
    [error] = answer.json()["errors"]
    return str(error["extensions"]["code"])


async def test_a_document_is_asked_for_by_the_sha256_of_its_text(
    client: Client, catalogue: Catalogue
) -> None:
    for named in (PAGE.id, f"sha256:{PAGE.id}"):
        by_post = await client.http.post("/graphql", json={"documentId": named})
        by_get = await get(client, named)
        assert by_post.json()["data"]["catalogue"]["topics"] == len(catalogue.topics)
        assert by_get.json() == by_post.json()


async def test_the_folder_of_the_setting_holds_more_of_them(only: Client) -> None:
    answer = await get(only, document_id(OWN), {"slug": "nowhere"})
    assert answer.json()["data"] == {"topic": None}


async def test_only_trusted_documents_are_executed_where_the_setting_says_so(only: Client) -> None:
    refused = await only.http.post("/graphql", json={"query": "{ catalogue { revision } }"})
    assert refused.status_code == 403
    assert code(refused) == "PERSISTED_DOCUMENT_REQUIRED"
    its_text = await only.http.post("/graphql", json={"query": PAGE.text})
    assert its_text.status_code == 200
    assert "errors" not in its_text.json()


async def test_an_unknown_id_is_404(client: Client) -> None:
    for named in ("0" * 64, "sha256:", "x", PAGE.id.upper()):
        answer = await client.http.post("/graphql", json={"documentId": named})
        assert (answer.status_code, code(answer)) == (404, "PERSISTED_DOCUMENT_NOT_FOUND")


@pytest.mark.parametrize(
    "body", [{"documentId": 1}, {"documentId": PAGE.id, "query": "{ x }"}, {"documentId": []}]
)
async def test_what_is_no_id_or_comes_with_a_text_is_400(client: Client, body: dict[str, Any]) -> None:
    answer = await client.http.post("/graphql", json=body)
    assert (answer.status_code, code(answer)) == (400, "BAD_REQUEST")


def test_where_they_are_off_no_id_is_known() -> None:
    asked = GraphQLRequest("", None, None, reads_only=True, document_id=PAGE.id)
    with pytest.raises(Refused) as refused:
        TrustedDocuments(Trust.OFF, DOCUMENTS).resolve(asked)
    assert (refused.value.status, refused.value.code) == (400, "PERSISTED_DOCUMENT_NOT_SUPPORTED")


async def test_a_mutation_needs_post_by_its_id_too(only: Client) -> None:
    answer = await get(only.as_("editor"), document_id(CHANGE))
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


async def test_what_is_the_same_for_everybody_may_be_kept_for_as_long_as_the_setting_says(
    only: Client,
) -> None:
    answer = await get(only, PAGE.id)
    assert answer.headers["cache-control"] == "public, max-age=30"
    assert {each.strip() for each in answer.headers["vary"].split(",")} >= {"accept", "authorization"}


async def test_what_is_for_one_alone_may_not_be_kept(only: Client) -> None:
    own, limited = document_id(OWN), document_id(LIMITED)
    answers = [
        await get(only.as_("reader"), own, {"slug": "x"}),  # a token
        await get(only, limited),  # what is left for this address
        await get(only, own),  # an error
        await only.http.post("/graphql", json={"documentId": own, "variables": {"slug": "x"}}),
    ]
    for answer in answers:
        assert answer.headers["cache-control"] == "private, no-store"


async def test_another_document_by_get_may_be_kept_and_is_asked_for_again_each_time(
    client: Client, catalogue: Catalogue
) -> None:
    answer = await client.http.get("/graphql", params={"query": "{ catalogue { revision } }"})
    assert answer.json()["data"] == {"catalogue": {"revision": 1}}
    assert answer.headers["cache-control"] == "public, no-cache"
    assert catalogue.topics


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"query Own {", "is not a GraphQL document"),
        (b"{ topic }", "no operation with a name"),
        (b"\xff", "is not a GraphQL document"),
    ],
)
def test_a_file_that_is_no_document_is_told_by_name(tmp_path: Path, data: bytes, why: str) -> None:
    (tmp_path / "bad.graphql").write_bytes(data)
    with pytest.raises(ConfigurationError, match=f"bad.graphql.*{why}"):
        read_documents([tmp_path])


def test_each_ready_operation_is_a_trusted_document() -> None:
    assert len(DOCUMENTS) == len(list(OPERATIONS.glob("*.graphql")))
    assert all(document.id == document_id(document.text) for document in DOCUMENTS.values())

"""Tags of answers by GET: who has an answer already is sent nothing but that."""

from __future__ import annotations

import httpx
import pytest

from graph_api.endpoint.negotiation import GRAPHQL, JSON
from graph_api.knowledge.edit import ChangeTopic
from graph_api.settings import Settings
from graph_api.store.writer import Writing
from tests.conftest import Client
from tests.endpoint.kept import get, hits, post, remembering, writer_of
from tests.endpoint.test_trusted import PAGE

QUERY = '{ topic(slug: "flour") { title } }'
OTHER = '{ topic(slug: "mixer") { title } }'


async def tag_of(client: Client, query: str = QUERY) -> str:
    return (await get(client, query)).headers["etag"]


def is_empty(answer: httpx.Response) -> bool:
    """Whether it is a 304 as it should be: no body, nor anything that speaks of one."""
    assert answer.content == b""
    assert not {"content-type", "content-length", "content-encoding"} & answer.headers.keys()
    return answer.status_code == 304


@pytest.mark.usefixtures("catalogue")
async def test_who_has_the_answer_is_told_so_with_the_headers_it_would_have_had(settings: Settings) -> None:
    async with remembering(settings) as client:
        whole = await get(client, QUERY)
        answer = await get(client, QUERY, {"if-none-match": whole.headers["etag"]})
        assert is_empty(answer)
        for name in ("etag", "cache-control", "vary", "graph-revision"):
            assert answer.headers[name] == whole.headers[name]
        assert hits(client) == 1


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize(
    "form",
    [
        "{tag}",
        '"other", {tag}',
        '{tag}, W/"other"',
        ' "a" ,{tag},"b"',
        "*",
        " * ",
        "{strong}",
        '"a", {strong}',
    ],
)
async def test_a_tag_is_found_in_each_form_that_it_may_be_sent_in(form: str, settings: Settings) -> None:
    async with remembering(settings) as client:
        tag = await tag_of(client)
        said = form.format(tag=tag, strong=tag.removeprefix("W/"))
        assert is_empty(await get(client, QUERY, {"if-none-match": said}))


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize("form", ["", '""', "{bare}", '"W/{bare}"', "{other}", '"*"', "W/", ",", "{part}"])
async def test_another_tag_gets_the_whole_answer(form: str, settings: Settings) -> None:
    async with remembering(settings) as client:
        tag, other = await tag_of(client), await tag_of(client, OTHER)
        said = form.format(bare=tag.removeprefix('W/"').strip('"'), other=other, part=tag[:-2] + '"')
        answer = await get(client, QUERY, {"if-none-match": said})
        assert answer.status_code == 200
        assert answer.json()["data"]["topic"]


@pytest.mark.usefixtures("catalogue")
async def test_the_first_who_asks_may_have_it_already(settings: Settings) -> None:
    async with remembering(settings) as client:
        tag = await tag_of(client)
    async with remembering(settings) as client:
        assert is_empty(await get(client, QUERY, {"if-none-match": tag}))
        assert hits(client) == 0


@pytest.mark.usefixtures("catalogue")
async def test_a_tag_holds_through_writes_of_other_things_and_no_further(settings: Settings) -> None:
    async with remembering(settings) as client:
        tag = await tag_of(client)
        for slug, status in (("mixer", 304), ("flour", 200)):
            edit = ChangeTopic(slug, {"title": "Another"})
            await writer_of(client).edit(edit, writing=Writing(by="ada", action="edit"))
            answer = await get(client, QUERY, {"if-none-match": tag})
            assert answer.status_code == status
        assert answer.headers["graph-revision"] == "3"
        assert answer.headers["etag"] != tag


@pytest.mark.usefixtures("catalogue")
async def test_each_type_of_answer_is_told_apart_by_vary_and_has_its_content_type(settings: Settings) -> None:
    async with remembering(settings) as client:
        answers = [await get(client, QUERY, {"accept": each}) for each in (JSON, GRAPHQL, JSON)]
    types = [each.headers["content-type"] for each in answers]
    assert types == [f"{each}; charset=utf-8" for each in (JSON, GRAPHQL, JSON)]
    assert {each.content for each in answers} == {answers[0].content}
    assert {each.headers["vary"] for each in answers} == {"accept, authorization"}


@pytest.mark.usefixtures("catalogue")
async def test_what_cannot_be_accepted_is_refused_whoever_has_it(settings: Settings) -> None:
    async with remembering(settings) as client:
        answer = await get(client, QUERY, {"if-none-match": "*", "accept": "text/html"})
        assert answer.status_code == 406


@pytest.mark.usefixtures("catalogue")
async def test_by_post_there_is_no_tag_and_no_304(settings: Settings) -> None:
    async with remembering(settings) as client:
        tag = await tag_of(client)
        for said in (tag, "*"):
            for _ in range(2):
                answer = await post(client, QUERY, {"if-none-match": said})
                assert answer.status_code == 200
                assert "etag" not in answer.headers


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize("query", ["{ viewer { id } }", "{ nothing }", '{ node(id: "x") { id } }'])
async def test_what_is_personal_or_has_errors_is_sent_whole(query: str, settings: Settings) -> None:
    async with remembering(settings) as client:
        answer = await get(client.as_("learner"), query, {"if-none-match": "*"})
    assert answer.status_code == 200
    assert answer.json()


@pytest.mark.usefixtures("catalogue")
async def test_with_a_token_too_nothing_is_sent_twice(settings: Settings) -> None:
    async with remembering(settings) as client:
        ada = client.as_("reader")
        answer = await get(ada, QUERY, {"if-none-match": await tag_of(ada)})
    assert is_empty(answer)
    assert answer.headers["cache-control"] == "private, no-store"


@pytest.mark.usefixtures("catalogue")
async def test_the_answer_to_a_trusted_document_lasts_and_has_a_tag_for_after_that(
    settings: Settings,
) -> None:
    async with remembering(settings, trusted_max_age=30) as client:
        asked = {"documentId": PAGE.id}
        first = await client.http.get("/graphql", params=asked)
        again = await client.http.get(
            "/graphql", params=asked, headers={"if-none-match": first.headers["etag"]}
        )
    assert first.headers["cache-control"] == again.headers["cache-control"] == "public, max-age=30"
    assert is_empty(again)

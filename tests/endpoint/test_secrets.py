"""No secret of the settings stands in anything that people read."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from graph_api.app import create_app
from graph_api.errors import ConfigurationError
from graph_api.settings import Settings
from tests.conftest import in_process

WORD = "a word that nobody may read, which has 32 bytes and more"


def test_no_secret_stands_in_the_settings_as_they_are_printed() -> None:
    given: Any = {"neo4j_password": WORD, "auth_secret": WORD, "redis_url": f"redis://:{WORD}@x"}
    settings = Settings(**given)
    for shown in (repr(settings), str(settings), f"{settings.model_dump()}", settings.model_dump_json()):
        assert WORD not in shown


@pytest.mark.parametrize(
    "given",
    [
        {"neo4j_password": WORD, "api_port": -1},
        {"neo4j_password": WORD, "auth_secret": WORD[:9]},
        {"redis_url": f"http://:{WORD}@x"},
        {"neo4j_uri": f"http://neo4j:{WORD}@x"},
        {"auth_secret": WORD, "auth_jwks_url": f"http://x:{WORD}@issuer.example.org"},
    ],
)
def test_no_secret_stands_in_the_error_of_a_setting(given: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError) as error:
        Settings.read(**given)
    assert WORD[:9] not in str(error.value)


async def test_no_secret_stands_in_answers_or_the_log_while_the_database_is_away(
    closed_port: int, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graph_api.store.session.RETRY_SECONDS", 0.1)
    given: Any = {
        "neo4j_uri": f"bolt://127.0.0.1:{closed_port}",
        "neo4j_password": WORD,
        "auth_secret": WORD,
        "rate_limit": 10,
        "redis_url": f"redis://:{'word' * 9}@127.0.0.1:{closed_port}/0",
    }
    settings = Settings(**given)
    with caplog.at_level(logging.DEBUG):
        async with in_process(create_app(settings)) as client:
            headers = {"authorization": f"Bearer {WORD}"}
            shown = [(await client.http.get("/readyz")).text]
            for sent in ({}, headers):
                answer = await client.http.post(
                    "/graphql", json={"query": "{ catalogue { revision } }"}, headers=sent
                )
                shown.append(answer.text)
    for secret in (WORD, "word" * 9):
        assert all(secret not in text for text in shown)
        assert secret not in caplog.text

"""The page about progress: what it shows can be asked, in its order."""

from __future__ import annotations

import re

from graph_api.knowledge.change import Document
from graph_api.store.session import Database
from tests.conftest import ROOT, Client, seed

PAGE = (ROOT / "docs" / "progress.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```graphql\n(.*?)```", PAGE, re.DOTALL)


async def test_each_example_is_answered_without_errors(
    client: Client, database: Database, seed_documents: list[Document]
) -> None:
    await seed(database, seed_documents, name="seed")
    learner = client.as_("learner", subject="of the page")
    answers = [await learner.ask(example) for example in EXAMPLES]
    recorded, seen, kept, gone = answers
    assert recorded["recordProgress"]["userErrors"] == []
    assert recorded["recordProgress"]["marked"]["nodes"]
    assert seen["viewer"]["revision"] == 1
    assert len(kept["viewer"]["history"]["nodes"]) == len(kept["viewer"]["export"]["history"]) > 1
    assert gone["deleteViewer"]["deleted"] is True


def test_the_export_has_the_keys_that_the_page_names() -> None:
    for key in ("format", "learner", "revision", "topics", "history", "since", "source", "topicId"):
        assert f"`{key}`" in PAGE

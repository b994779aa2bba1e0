"""The page about writing: what it shows can be sent, in its order, and does what it says."""

from __future__ import annotations

import re

from graph_api.api.schema import build_schema
from graph_api.knowledge.change import Document
from graph_api.store.session import Database
from tests.conftest import ROOT, Client, seed

PAGE = (ROOT / "docs" / "writing.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```graphql\n(.*?)```", PAGE, re.DOTALL)


async def test_each_example_does_what_the_page_says(
    client: Client, database: Database, seed_documents: list[Document]
) -> None:
    await seed(database, seed_documents, name="seed")
    editor = client.as_("editor")
    create, refuse, attempt = EXAMPLES
    made = await editor.ask(create)
    assert [made[name]["userErrors"] for name in ("createTopic", "placeTopic")] == [[], []]
    assert [made[name]["revision"] for name in ("createTopic", "placeTopic")] == [2, 3]
    refused = (await editor.ask(refuse))["setRequirements"]
    assert refused["revision"] == 3
    assert {error["code"] for error in refused["userErrors"]} == {"UNLEARNABLE"}
    assert sorted(refused["userErrors"][0]["slugs"]) == ["database-design", "sql-postgresql"]
    document = (ROOT / "seed" / "backend-developer.yaml").read_text(encoding="utf-8")
    tried = (await editor.ask(attempt, document=document))["applyRoadmap"]
    assert tried["summary"] == "Nothing changes."
    assert tried["unnamed"] == [
        "Topic message-ordering in section message-queues of backend-developer.",
        "Topic message-ordering, which stands in no roadmap any more.",
    ]


def test_every_content_mutation_is_named() -> None:
    root = build_schema()._schema.mutation_type
    assert root is not None
    told = PAGE.replace(
        "`createTopic` `updateTopic` `deleteTopic`, the same with `Roadmap` and `Section`", ""
    )
    told += " ".join(
        f"`{verb}{kind}`"
        for verb in ("create", "update", "delete")
        for kind in ("Topic", "Roadmap", "Section")
    )
    others = {"recordProgress", "deleteViewer"}  # docs/progress.md has these
    assert {name for name in root.fields if f"`{name}`" in told} == root.fields.keys() - others

"""The documents tell the truth: their examples run, and their tables are those of the code."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from graph_api.knowledge.change import Document
from graph_api.settings import Settings
from graph_api.store.session import Database
from tests.conftest import ROOT, Client, seed

README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "seed" / "README.md"])
EXAMPLES = re.findall(r"```graphql\n(.*?)```\n+```json\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize(("query", "answer"), EXAMPLES)
async def test_each_example_of_the_readme_has_the_answer_it_shows(
    query: str, answer: str, client: Client, database: Database, seed_documents: list[Document]
) -> None:
    await seed(database, seed_documents, name="seed")
    found = await client.answer(query)
    assert found.pop("extensions") == {"revision": 1}, "which would be another one with every write"
    assert found == json.loads(answer)


def test_the_readme_has_examples() -> None:
    assert len(EXAMPLES) == 2


def test_the_table_of_settings_is_that_of_the_code() -> None:
    table = re.search(r"<!-- settings -->\n(.*?)\n<!-- /settings -->", README, re.DOTALL)
    assert table
    assert table[1] == settings_table()


def settings_table() -> str:
    """The settings as the README shows them."""
    rows = ["| variable | default | what it does |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = "" if field.default is None else f"`{field.default}`"
        rows.append(f"| `{name.upper()}` | {default} | {field.description} |")
    return "\n".join(rows)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_link_within_the_project_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_command_of_the_readme_exists() -> None:
    from typer.main import get_command

    from graph_api.cli import app

    commands = set(get_command(app).commands)  # type: ignore[attr-defined]  # a group has them
    named = set(re.findall(r"graph-api ([a-z]+)", README))
    assert named
    assert named <= commands


def test_every_target_of_the_readme_is_in_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    named = set(re.findall(r"(?:`|    )make ([a-z]+)", README))
    assert {"run", "test", "check"} <= named <= targets

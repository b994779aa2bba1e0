"""What the tests of learners share: how something is recorded, and how all of it is forgotten."""

from __future__ import annotations

from typing import Any

from graph_api.store.session import Database
from tests.conftest import Client

RECORD = """
mutation Record($input: RecordProgressInput!) {
  recordProgress(input: $input) {
    revision
    changed { nodes { slug } }
    marked { nodes { slug } }
    learner { id revision knowledge { known { nodes { slug } } skipped { nodes { slug } } } }
    userErrors { field message code slugs }
  }
}
"""


async def forget_all(database: Database) -> None:
    await database.write(lambda t: t.run("MATCH (n:Learner|Record) DETACH DELETE n"))


async def record(client: Client, status: str, *topics: str, **other: Any) -> dict[str, Any]:
    data = await client.ask(RECORD, input={"topics": topics, "status": status, **other})
    payload: dict[str, Any] = data["recordProgress"]
    return payload


def slugs(connection: dict[str, Any]) -> list[str]:
    return [node["slug"] for node in connection["nodes"]]

"""Ready operations: documents that anyone may paste, offered by GraphiQL."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from graphql import GraphQLSyntaxError, OperationDefinitionNode, parse

from graph_api.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Operation:
    """One document with one operation; its first comment line is its title, the others describe it."""

    name: str
    title: str
    description: str
    query: str
    variables: None = None

    def as_dict(self) -> dict[str, object]:
        """The operation as JSON values."""
        return asdict(self)


def read_operations(folder: Path) -> list[Operation]:
    """The operations of a folder's *.graphql files, by file name; none where there is no such folder.

    Raises ConfigurationError for a file that is not one operation.
    """
    return [_operation(path) for path in sorted(folder.glob("*.graphql"))]


def _operation(path: Path) -> Operation:
    text = path.read_text(encoding="utf-8")
    try:
        [node] = parse(text, no_location=True).definitions
    except (GraphQLSyntaxError, ValueError):
        node = None
    if not isinstance(node, OperationDefinitionNode) or node.name is None:
        raise ConfigurationError(f"{path.name} is not one GraphQL operation with a name.")
    comments = [line[1:].strip() for line in text.splitlines() if line.startswith("#")]
    title, *description = comments or [node.name.value]
    return Operation(node.name.value, title, " ".join(description), text)

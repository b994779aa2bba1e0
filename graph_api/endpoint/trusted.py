"""Trusted documents: known before they are asked for, and named by the sha256 of their text.

https://github.com/graphql/graphql-over-http/pull/264, "Persisted documents".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Final

from graphql import GraphQLSyntaxError, OperationDefinitionNode, parse

from graph_api.endpoint.request import GraphQLRequest, Refused
from graph_api.errors import ConfigurationError, RoadmapError

PREFIX: Final = "sha256:"


class Trust(StrEnum):
    """Which documents are executed."""

    OFF = "off"
    ALLOW = "allow"
    ONLY = "only"


@dataclass(frozen=True, slots=True)
class Document:
    """A document that is trusted; it is called by the name of its first operation."""

    id: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class TrustedDocuments:
    """The documents that are trusted, by id, and whether there are others."""

    mode: Trust = Trust.OFF
    documents: Mapping[str, Document] = field(default_factory=dict)

    def holds(self, text: str) -> bool:
        """Whether this is the text of one of them."""
        return document_id(text) in self.documents

    def check(self, text: str) -> None:
        """Raises NotTrusted for what is not to be executed."""
        if self.mode is Trust.ONLY and not self.holds(text):
            raise NotTrusted

    def resolve(self, asked: GraphQLRequest) -> GraphQLRequest:
        """The request with the text of its document. Raises Refused for one that is not to be executed."""
        if asked.document_id is None:
            if self.mode is Trust.ONLY and not self.holds(asked.query):
                raise Refused(403, str(NotTrusted()), code=NotTrusted.code)
            return asked
        if self.mode is Trust.OFF:
            raise Refused(
                400, "This server knows no documents by id.", code="PERSISTED_DOCUMENT_NOT_SUPPORTED"
            )
        document = self.documents.get(asked.document_id.removeprefix(PREFIX))
        if document is None:
            raise Refused(404, "No trusted document has this id.", code="PERSISTED_DOCUMENT_NOT_FOUND")
        return replace(asked, query=document.text)


class NotTrusted(RoadmapError):
    """A document that is not trusted, sent to a server that executes no others."""

    code = "PERSISTED_DOCUMENT_REQUIRED"

    def __init__(self) -> None:
        super().__init__("This server executes trusted documents alone: name one by documentId.")


def document_id(text: str) -> str:
    """The id of a document, without its prefix."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def read_documents(folders: Iterable[Path]) -> dict[str, Document]:
    """The documents in all *.graphql files of these folders and those within them, by id.

    Raises ConfigurationError for a file that is not GraphQL in UTF-8, or has no operation with a name.
    """
    paths = [path for folder in folders for path in sorted(folder.rglob("*.graphql"))]
    return {document.id: document for document in map(_document, paths)}


def _document(path: Path) -> Document:
    try:
        text = path.read_bytes().decode()
        nodes = parse(text, no_location=True).definitions
    except GraphQLSyntaxError as error:
        line = error.locations[0].line if error.locations else 1
        why = error.message.removeprefix("Syntax Error: ").rstrip(".")
        raise ConfigurationError(f"{path} is not a GraphQL document: line {line}: {why}.") from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"{path} is not a GraphQL document in UTF-8.") from None
    names = [node.name.value for node in nodes if isinstance(node, OperationDefinitionNode) and node.name]
    if not names:
        raise ConfigurationError(f"{path} has no operation with a name.")
    return Document(document_id(text), names[0], text)

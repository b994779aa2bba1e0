"""`graph-api documents`: the ids of the trusted documents."""

from __future__ import annotations

from graph_api.cli.screen import say


def documents() -> None:
    """List the trusted documents, those of OPERATIONS and of TRUSTED_FOLDER: id and name, one a line.

    The id is the sha256 of the file; clients send it as `documentId` in place of the document.
    """
    from graph_api.app import trusted_documents
    from graph_api.settings import Settings

    for document in trusted_documents(Settings.read()).documents.values():
        say(f"{document.id}  {document.name}", to_output=True)

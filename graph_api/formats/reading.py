"""What a format's reader gives: a document, and what the file says that a document cannot."""

from __future__ import annotations

from dataclasses import dataclass

from graph_api.knowledge.document import Document


@dataclass(frozen=True, slots=True)
class Note:
    """One thing of a file that was left out, made up or read otherwise than it stands there.

    `kind` names notes of one sort, so that many of them can be told in brief; `message` is one sentence.
    """

    kind: str
    message: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A file as it was read."""

    document: Document
    notes: tuple[Note, ...] = ()

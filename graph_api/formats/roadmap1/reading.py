"""A `roadmap/1` file -> a document, or all of its faults."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Final

from pydantic import ValidationError

from graph_api.errors import Fault, InvalidDocument
from graph_api.formats.roadmap1.faults import MAX_FAULTS, faults_of
from graph_api.formats.roadmap1.mentions import mentions, repeats
from graph_api.formats.roadmap1.schema import Roadmap
from graph_api.formats.roadmap1.source import MAX_BYTES, read
from graph_api.formats.roadmap1.tree import Tree, path_text
from graph_api.knowledge.change import Definition, Document, Reference
from graph_api.knowledge.requirement import Allowance

_ENOUGH: Final = 10 * MAX_FAULTS
"""So many faults of a sort are looked for; what nobody reads need not be counted to the last."""


def parse(data: bytes, *, name: str, max_bytes: int = MAX_BYTES) -> Document:
    """The document that a file's bytes are, as YAML or JSON; `name` is what its faults call the file.

    A name that ends in .json, .yaml or .yml decides between the two, else the first character does.
    Raises InvalidDocument with every fault, each with file, line and path, in the order of the text;
    after a fault of syntax, encoding or size nothing else is looked at. Of very many faults the first
    MAX_FAULTS are told.
    """
    tree = read(data, name=name, max_bytes=max_bytes)
    faults = [*tree.faults, *islice(repeats(tree), _ENOUGH)]
    try:
        roadmap = Roadmap.model_validate(tree.data, context=Allowance())
    except ValidationError as error:
        untold = max(0, error.error_count() - MAX_FAULTS)
        raise invalid([*faults, *faults_of(error, tree)], name, untold=untold) from error
    if faults:
        raise invalid(faults, name)
    return _document(roadmap, tree)


def _document(roadmap: Roadmap, tree: Tree) -> Document:
    found = list(mentions(tree))
    defined = [mention for mention in found if mention.kind == "definition"]
    slugs_here = {mention.path for mention in defined}
    return Document(
        name=tree.name,
        roadmap=roadmap.value(),
        definitions=tuple(
            Definition(topic, line=tree.line(mention.path), path=path_text(mention.path))
            for topic, mention in zip(roadmap.definitions(), defined, strict=True)
        ),
        references=tuple(
            Reference(mention.topic, mention.kind, line=tree.line(mention.path), path=path_text(mention.path))
            for mention in found
            if mention.kind != "definition" and mention.path not in slugs_here
        ),
        line=tree.line(("slug",)),
    )


def invalid(faults: Sequence[Fault], name: str, *, untold: int = 0) -> InvalidDocument:
    """The error of a file with faults: in the order of the text, and of very many the first MAX_FAULTS."""
    ordered = sorted(faults, key=lambda fault: fault.line or 0)
    more = len(ordered) - MAX_FAULTS + untold
    if more > 0:
        ordered = [*ordered[:MAX_FAULTS], Fault(f"And {more:,} more faults.", file=name)]
    return InvalidDocument(ordered)

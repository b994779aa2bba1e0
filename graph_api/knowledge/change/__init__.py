"""A change to the catalogue: what documents make of it, checked and compared, before any write."""

from graph_api.knowledge.change.difference import Change, Difference, Unnamed, changed, refuse_unlearnable
from graph_api.knowledge.change.planning import plan, rests
from graph_api.knowledge.document import Definition, Document, Reference, ReferenceKind

__all__ = [
    "Change",
    "Definition",
    "Difference",
    "Document",
    "Reference",
    "ReferenceKind",
    "Unnamed",
    "changed",
    "plan",
    "refuse_unlearnable",
    "rests",
]

"""The graph of Metacademy: concepts, what they depend on and why, and what they are learned from."""

from graph_api.formats.metacademy.reading import parse

__all__ = ["parse"]

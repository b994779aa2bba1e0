"""Exercism tracks: concepts, and the exercises that teach them."""

from graph_api.formats.exercism.reading import parse

__all__ = ["parse"]

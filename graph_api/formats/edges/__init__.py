"""CSV lists of edges, read and written."""

from graph_api.formats.edges.text import dump, losses, parse

__all__ = ["dump", "losses", "parse"]

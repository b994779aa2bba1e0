"""Roadmap files of the format `roadmap/1`, YAML or JSON: a roadmap and the topics that it rests on."""

from graph_api.formats.roadmap1.reading import parse
from graph_api.formats.roadmap1.schema import FORMAT, json_schema
from graph_api.formats.roadmap1.source import MAX_BYTES
from graph_api.formats.roadmap1.writing import dump, dump_json

__all__ = ["FORMAT", "MAX_BYTES", "dump", "dump_json", "json_schema", "parse"]

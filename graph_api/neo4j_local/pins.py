"""The pinned jars of one Neo4j release: names, checksums and sizes."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

NEO4J_VERSION: Final = "2026.09.0"
PIN_FILE: Final = Path(__file__).with_name("neo4j.lock.json")


@dataclass(frozen=True, slots=True)
class Jar:
    """One jar: its coordinates, the hexadecimal SHA-256 of its content and its size in bytes."""

    group: str
    artifact: str
    version: str
    classifier: str
    sha256: str
    size: int

    @property
    def filename(self) -> str:
        """The name under which repositories and our library folders keep it."""
        suffix = f"-{self.classifier}" if self.classifier else ""
        return f"{self.artifact}-{self.version}{suffix}.jar"

    def is_at(self, path: Path) -> bool:
        """Whether `path` holds exactly this jar: size and checksum, so a torn file is none."""
        if not path.is_file() or path.stat().st_size != self.size:
            return False
        with path.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest() == self.sha256


@dataclass(frozen=True, slots=True)
class Pins:
    """A whole pinned list; `digest` names it, so that two releases never share a library folder."""

    jars: tuple[Jar, ...]
    digest: str

    @property
    def size(self) -> int:
        """Bytes of all jars together."""
        return sum(jar.size for jar in self.jars)

    @classmethod
    def read(cls, path: Path = PIN_FILE) -> Pins:
        """Read a list of rows (group, artifact, version, classifier, sha256, bytes)."""
        text = path.read_bytes()
        rows = json.loads(text)
        return cls(jars=tuple(Jar(*row) for row in rows), digest=hashlib.sha256(text).hexdigest()[:16])

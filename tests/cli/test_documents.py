"""`graph-api documents`: the ids that clients send."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from tests.conftest import ROOT

from .conftest import Result


def test_each_trusted_document_is_listed_with_the_sha256_of_its_file(
    run: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own.graphql"
    own.write_text("query Own { catalogue { revision } }\n", encoding="utf-8")
    monkeypatch.setenv("OPERATIONS", str(ROOT / "schema" / "operations"))
    monkeypatch.setenv("TRUSTED_FOLDER", str(tmp_path))
    told = run("documents")
    assert told.code == 0
    files = [*sorted((ROOT / "schema" / "operations").glob("*.graphql")), own]
    ids = [sha256(path.read_bytes()).hexdigest() for path in files]
    assert [line.split()[0] for line in told.out.splitlines()] == ids
    assert told.out.splitlines()[-1].endswith("  Own")


def test_a_file_that_is_no_document_is_told_in_one_sentence(
    run: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bad.graphql").write_text("query {", encoding="utf-8")
    monkeypatch.setenv("TRUSTED_FOLDER", str(tmp_path))
    told = run("documents")
    assert told.code == 1
    assert "bad.graphql is not a GraphQL document" in told.err
    assert len(told.err.splitlines()) == 1

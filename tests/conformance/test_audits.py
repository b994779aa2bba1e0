"""The audits of the npm package graphql-http, all of them: what GraphQL over HTTP demands and advises.

They run through Node where it is there; the package is pinned, and so is the list of its audits.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest

from tests.conftest import ROOT

HERE: Final = Path(__file__).parent
AUDITS: Final[dict[str, str]] = json.loads((HERE / "audits.json").read_text(encoding="utf-8"))
"""The name of each audit by its id."""

NODE: Final = shutil.which("node")
NPM: Final = shutil.which("npm")


@pytest.fixture(scope="module")
def package() -> Path:
    """A folder with the pinned package."""
    if NODE is None or NPM is None:
        pytest.skip("Node is not here.")
    folder = ROOT / ".venv" / "audits"
    folder.mkdir(exist_ok=True)
    for name in ("package.json", "package-lock.json", "audits.mjs"):
        shutil.copyfile(HERE / name, folder / name)
    if not (folder / "node_modules" / "graphql-http").is_dir():
        install = [NPM, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]
        ran = subprocess.run(install, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
        if ran.returncode:
            pytest.skip(f"The package cannot be had: {ran.stderr.strip().splitlines()[-1:]}")
    return folder


def test_all_audits_pass(package: Path, base_url: str) -> None:
    assert NODE is not None
    command = [NODE, "audits.mjs", f"{base_url}/graphql"]
    ran = subprocess.run(command, cwd=package, capture_output=True, text=True, timeout=60, check=True)
    found: list[dict[str, Any]] = json.loads(ran.stdout)
    assert {each["id"]: each["name"] for each in found} == AUDITS
    assert len(found) == 61
    assert [each for each in found if each["status"] != "ok"] == []

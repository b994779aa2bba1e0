"""The browser assets as they ship: small, self-contained and licensed."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from graph_api.web import GRAPHIQL, THIRD_PARTY_LICENSES

SOURCE = Path(__file__).parents[2] / "web"
MEGABYTE = 1024 * 1024
COMPATIBLE = {"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT"}


def test_all_assets_together_stay_below_eight_megabytes() -> None:
    assert sum(path.stat().st_size for path in GRAPHIQL.rglob("*") if path.is_file()) <= 8 * MEGABYTE


class _References(HTMLParser):
    """What a page loads, and whether any script stands in the page itself."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.inline_scripts = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.inline_scripts += tag == "script" and "src" not in values
        self.loaded += [values[name] or "" for name in ("src", "href") if name in values]


def test_the_page_loads_only_files_that_ship_with_it() -> None:
    references = _References()
    references.feed((GRAPHIQL / "index.html").read_text(encoding="utf-8"))
    assert references.inline_scripts == 0
    assert references.loaded
    for address in references.loaded:
        assert address.startswith("./"), address
        assert (GRAPHIQL / address).is_file(), address


def test_the_stylesheets_load_only_files_that_ship_with_them() -> None:
    sheets = list(GRAPHIQL.rglob("*.css"))
    assert sheets
    for sheet in sheets:
        text = sheet.read_text(encoding="utf-8")
        assert "@import" not in text
        for address in re.findall(r"""url\(["']?([^"')]+)""", text):
            assert address.startswith(("data:", "#")) or (sheet.parent / address).is_file(), address


def _licensed() -> dict[tuple[str, str], str]:
    text = THIRD_PARTY_LICENSES.read_text(encoding="utf-8")
    titles = re.findall(r"^-{80}\n(\S+) (\S+) \((\S+)\)\n-{80}$", text, re.MULTILINE)
    return {(name, version): licence for name, version, licence in titles}


def _locked() -> dict[tuple[str, str], dict[str, Any]]:
    packages = json.loads((SOURCE / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    return {
        (path.rpartition("node_modules/")[2], one["version"]): one for path, one in packages.items() if path
    }


def test_the_licence_file_names_every_package_that_the_app_asks_for() -> None:
    """The build adds what those packages bring along and stops at a licence that it does not know."""
    wanted = json.loads((SOURCE / "package.json").read_text(encoding="utf-8"))["dependencies"]
    assert set(wanted.items()) <= set(_licensed())


def test_every_licensed_package_is_locked_at_that_version_under_a_compatible_licence() -> None:
    locked = _locked()
    for package, licence in _licensed().items():
        assert locked[package]["license"] == licence, package
        assert licence in COMPATIBLE, package


def test_the_lock_file_holds_checksums_and_no_addresses() -> None:
    for package, entry in _locked().items():
        assert "resolved" not in entry, package
        assert entry["integrity"].startswith("sha512-"), package

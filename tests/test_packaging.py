"""What leaves this checkout: the locks, the wheel, the image and the compose file."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Final
from zipfile import ZipFile

import pytest
import yaml

ROOT: Final = Path(__file__).parents[1]
LOCKS: Final = (
    "requirements.lock",
    "requirements-dev.lock",
    "requirements-server.lock",
    "requirements-build.lock",
)
PROJECT: Final = tomllib.loads((ROOT / "pyproject.toml").read_text())
NAME: Final = re.compile(r"[A-Za-z0-9._-]+")
PINNED: Final = re.compile(r"(?P<name>[a-z0-9-]+)==(?P<version>[^ ;]+)( ; (?P<marker>.+))?")
HASH: Final = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def entries(lock: str) -> list[list[str]]:
    """Every requirement of a lock: the pinned name, then its options."""
    lines = (ROOT / lock).read_text().replace("\\\n", " ").splitlines()
    stated = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
    return [[part.strip() for part in re.split(r"\s(?=--)", line)] for line in stated]


def names(requirements: list[str]) -> set[str]:
    return {re.sub(r"[-_.]+", "-", NAME.match(text)[0]).lower() for text in requirements}  # type: ignore[index]  # each has a name


def pinned(lock: str) -> set[str]:
    return names([entry[0] for entry in entries(lock)])


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_and_hashes_every_requirement(lock: str) -> None:
    found = entries(lock)
    assert found
    for requirement, *options in found:
        assert PINNED.fullmatch(requirement), requirement
        assert options, requirement
        assert all(HASH.fullmatch(option) for option in options), requirement


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_place_to_download_from(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert "://" not in text
    assert not re.search(r"^-", text, flags=re.MULTILINE)  # neither --index-url nor --find-links


@pytest.mark.parametrize(
    ("lock", "requirements"),
    [
        ("requirements-server.lock", PROJECT["project"]["dependencies"]),
        ("requirements-server.lock", PROJECT["project"]["optional-dependencies"]["otel"]),
        ("requirements-server.lock", [*PROJECT["project"]["optional-dependencies"]["redis"], "redis"]),
        ("requirements.lock", PROJECT["project"]["dependencies"]),
        ("requirements.lock", PROJECT["project"]["optional-dependencies"]["local"]),
        ("requirements.lock", PROJECT["dependency-groups"]["build"]),
        ("requirements-dev.lock", PROJECT["dependency-groups"]["dev"]),
        ("requirements-build.lock", PROJECT["dependency-groups"]["build"]),
    ],
)
def test_a_lock_holds_what_the_project_asks_for(lock: str, requirements: list[str]) -> None:
    assert names(requirements) <= pinned(lock)


def test_every_lock_pins_the_same_versions() -> None:
    everything = {entry[0] for entry in entries("requirements-dev.lock")}
    for lock in LOCKS:
        assert {entry[0] for entry in entries(lock)} <= everything, lock


def test_the_image_has_no_local_database() -> None:
    local = names(PROJECT["project"]["optional-dependencies"]["local"])
    assert not local & pinned("requirements-server.lock")


def test_the_image_is_installed_from_the_lock_of_the_server() -> None:
    text = (ROOT / "Dockerfile").read_text()
    assert re.findall(r"-r (requirements\S*)", text) == [
        "requirements-build.lock",
        "requirements-server.lock",
    ]


def test_the_image_runs_as_a_user_of_its_own() -> None:
    stages = (ROOT / "Dockerfile").read_text().split("\nFROM ")
    users = re.findall(r"^USER (\S+)$", stages[-1], flags=re.MULTILINE)
    assert users
    assert not {user.split(":")[0] for user in users} & {"root", "0"}


COMPOSE: Final = yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def test_compose_takes_the_password_from_the_environment_or_refuses() -> None:
    given = [
        str(value)
        for service in COMPOSE["services"].values()
        for name, value in service["environment"].items()
        if "PASSWORD" in name or name == "NEO4J_AUTH"
    ]
    assert len(given) == len(COMPOSE["services"])
    for value in given:
        assert re.fullmatch(r"(neo4j/)?\$\{NEO4J_PASSWORD:\?[^}]+\}", value)


def test_compose_has_no_secret_of_its_own_for_tokens() -> None:
    assert COMPOSE["services"]["api"]["environment"]["AUTH_SECRET"] == "${AUTH_SECRET:-}"


def test_compose_publishes_nothing_beyond_this_machine() -> None:
    ports = [port for service in COMPOSE["services"].values() for port in service["ports"]]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)
    assert not any("network_mode" in service for service in COMPOSE["services"].values())


def test_compose_waits_for_a_healthy_database() -> None:
    assert all("test" in service["healthcheck"] for service in COMPOSE["services"].values())
    assert COMPOSE["services"]["api"]["depends_on"]["neo4j"]["condition"] == "service_healthy"


def test_compose_runs_the_neo4j_that_the_local_database_runs() -> None:
    rows = json.loads((ROOT / "graph_api/neo4j_local/neo4j.lock.json").read_text())
    version = next(version for _, artifact, version, *_ in rows if artifact == "neo4j-kernel")
    assert COMPOSE["services"]["neo4j"]["image"] == f"neo4j:{version}-community"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=60)
    (built,) = folder.glob("*.whl")
    return ZipFile(built)


def test_the_wheel_holds_the_package_alone(wheel: ZipFile) -> None:
    tops = {name.split("/")[0] for name in wheel.namelist()}
    version = PROJECT["project"]["version"]
    assert tops == {"graph_api", f"roadmap_graph_api-{version}.dist-info"}


def test_the_wheel_holds_all_of_the_package(wheel: ZipFile) -> None:
    here = (path for path in (ROOT / "graph_api").rglob("*") if path.is_file())
    expected = {str(path.relative_to(ROOT)) for path in here if "__pycache__" not in path.parts}
    assert {name for name in wheel.namelist() if name.startswith("graph_api/")} == expected
    assert expected >= {
        "graph_api/neo4j_local/neo4j.lock.json",
        "graph_api/py.typed",
        "graph_api/web/THIRD_PARTY_LICENSES.txt",
        "graph_api/web/graphiql/index.html",
    }


def test_the_wheel_carries_our_licence(wheel: ZipFile) -> None:
    (licence,) = (name for name in wheel.namelist() if name.endswith("/licenses/LICENSE"))
    assert wheel.read(licence) == (ROOT / "LICENSE").read_bytes()


def test_no_file_names_a_folder_of_a_developers_machine() -> None:
    command = ["git", "grep", "-IlE", "(^|[^a-z0-9._-])/(root|home)/[a-z]"]
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=30)
    assert found.stdout.split() == []

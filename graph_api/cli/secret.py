"""The secret that signs the tokens of a local server: made once, kept in its home."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Final

from graph_api.errors import ConfigurationError

if TYPE_CHECKING:
    from graph_api.settings import Settings

NAME: Final = "auth-secret"
_BYTES: Final = 32
_PRIVATE: Final = 0o600


def signing(settings: Settings) -> Settings:
    """Settings that take tokens, if they can: a local server without any has a secret of its own."""
    if settings.takes_tokens or settings.neo4j_uri is not None:
        return settings
    from pydantic import SecretStr

    secret = home_secret(settings.neo4j_home.expanduser())
    return settings.model_copy(update={"auth_secret": SecretStr(secret)})


def home_secret(root: Path) -> str:
    """The secret of a home, made now if there is none. Raises ConfigurationError for one that is spoilt."""
    path = root / NAME
    if not path.exists():
        _make(root, path)
    secret = path.read_text("utf-8", "replace").strip()
    if len(secret.encode()) < _BYTES:
        raise ConfigurationError(f"{path} is no secret of {_BYTES} bytes; delete it and a new one is made.")
    return secret


def _make(root: Path, path: Path) -> None:
    """Write it whole or not at all; of two who make it at once, both get that of the first."""
    from graph_api.neo4j_local.home import Home

    Home(root).prepare()
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _PRIVATE), "w") as file:
            file.write(f"{secrets.token_hex(_BYTES)}\n")
            file.flush()
            os.fsync(file.fileno())
        path.hardlink_to(draft)
    except FileExistsError:
        return
    finally:
        draft.unlink(missing_ok=True)

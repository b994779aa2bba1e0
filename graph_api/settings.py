"""Every setting, read from the environment once; the table in the README is checked against this file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from graph_api.errors import ConfigurationError

_SECRET_BYTES: Final = 32
_LOOPBACK: Final = {"localhost", "127.0.0.1", "::1"}


class Settings(BaseSettings):
    """How this process runs. An environment variable of the same name in capitals sets each field."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    api_host: str = Field("127.0.0.1", description="Address that the API listens on.")
    api_port: Annotated[int, Field(ge=1, le=65535)] = Field(8000, description="Port that the API listens on.")
    neo4j_uri: str | None = Field(
        None,
        description="`bolt://`, `neo4j://` or `neo4j+s://` address of a server or cluster;"
        " left out, a local Neo4j is started.",
        pattern=r"^(bolt|neo4j)(\+s|\+ssc)?://.+",
    )
    neo4j_user: str = Field("neo4j", description="User of that server.")
    neo4j_password: SecretStr | None = Field(None, description="Password of that user.")
    neo4j_database: str | None = Field(None, description="Its database; left out, the user's home database.")
    neo4j_timeout: Annotated[float, Field(gt=0, le=3600)] = Field(
        10.0, description="Seconds that one statement may take before it is ended."
    )
    neo4j_home: Path = Field(Path(".neo4j"), description="Folder of the local Neo4j's data.")
    neo4j_cache: Path = Field(
        Path("~/.cache/roadmap-graph-api"), description="Folder where downloaded parts of Neo4j are kept."
    )
    neo4j_mirror: str | None = Field(None, description="Another Maven repository to download them from.")
    neo4j_port: Annotated[int, Field(ge=1, le=65535)] | None = Field(
        None, description="Bolt port of the local Neo4j; left out, a free one."
    )
    neo4j_jvm: Literal["small", "server"] = Field(
        "small", description="Java options of the local Neo4j: `small` starts fast, `server` answers fast."
    )
    revision_poll: Annotated[float, Field(ge=0, le=60)] = Field(
        1.0,
        description="Seconds for which a process may answer from the revision it last saw;"
        " 0 asks the database on each request.",
    )
    feed_poll: Annotated[float, Field(gt=0, le=1)] = Field(
        0.5, description="Seconds after which subscribers hear of another replica's write at the latest."
    )
    max_body_bytes: Annotated[int, Field(ge=1024)] = Field(
        1_000_000,
        description="Bytes that a request's body, or a message of a WebSocket, may have;"
        " a longer one is refused.",
    )
    max_operations: Annotated[int, Field(ge=1)] = Field(
        100, description="Operations that one WebSocket may have under way."
    )
    max_streams: Annotated[int, Field(ge=1)] = Field(
        5000, description="Operations that all WebSockets and event streams of a process may have under way."
    )
    init_timeout: Annotated[float, Field(gt=0, le=3600)] = Field(
        3.0, description="Seconds that a new WebSocket may take to say `connection_init`."
    )
    send_timeout: Annotated[float, Field(gt=0, le=3600)] = Field(
        10.0, description="Seconds that a subscriber may leave a message unread before it is dropped."
    )
    keepalive: Annotated[float, Field(gt=0, le=3600)] = Field(
        15.0, description="Seconds after which a WebSocket or event stream without events shows it is alive."
    )
    operations: Path = Field(
        Path("schema/operations"), description="Folder of the ready operations that GraphiQL offers."
    )
    solver_threads: Annotated[int, Field(ge=1, le=64)] = Field(
        2, description="How many learning paths are computed at once; others wait their turn."
    )
    introspection: bool = Field(True, description="Whether clients may read the schema (GraphiQL needs it).")
    auth_secret: SecretStr | None = Field(
        None,
        description="Secret of at least 32 bytes that tokens are signed with (HS256);"
        " left out, `serve` makes one for its local Neo4j.",
    )
    auth_jwks_url: str | None = Field(
        None, description="`https://` address of the JSON Web Key Set of whoever issues tokens, instead."
    )
    auth_algorithm: Literal["HS256", "RS256", "PS256", "ES256", "ES384", "EdDSA"] = Field(
        "HS256",
        description="The one algorithm that tokens are signed with: `HS256` with AUTH_SECRET, or"
        " `RS256`, `PS256`, `ES256`, `ES384`, `EdDSA` with AUTH_JWKS_URL.",
    )
    auth_audience: str = Field("roadmap-graph-api", description="`aud` of the tokens that are for this API.")
    auth_issuer: str = Field("roadmap-graph-api", description="`iss` of the tokens that are trusted.")
    require_auth: bool = Field(False, description="Whether reads need a token too; without, they are open.")

    @classmethod
    def read(cls, **given: object) -> Settings:
        """The settings of the environment, `given` ones first. Raises ConfigurationError in one sentence."""
        try:
            settings = cls(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]  # pydantic checks them
        except ValidationError as error:
            faults = "; ".join(f"{str(fault['loc'][0]).upper()}: {fault['msg']}" for fault in error.errors())
            raise ConfigurationError(f"A setting cannot be used: {faults}.") from None
        for conflict in settings._conflicts():
            raise ConfigurationError(conflict)
        return settings

    @property
    def takes_tokens(self) -> bool:
        """Whether there is anything to check tokens with."""
        return self.auth_secret is not None or self.auth_jwks_url is not None

    def _conflicts(self) -> Iterator[str]:
        """What no single setting is to blame for, or not in pydantic's words; each in one sentence."""
        if self.neo4j_uri and self.neo4j_password is None:
            yield "NEO4J_URI is set, so NEO4J_PASSWORD must be set too."
        if self.require_auth and self.neo4j_uri and not self.takes_tokens:
            yield "REQUIRE_AUTH needs AUTH_SECRET or AUTH_JWKS_URL, to check tokens with."
        if self.auth_secret is not None and len(self.auth_secret.get_secret_value().encode()) < _SECRET_BYTES:
            yield f"AUTH_SECRET must have {_SECRET_BYTES} bytes at least; `openssl rand -hex 32` makes one."
        if self.auth_jwks_url is None:
            if self.auth_algorithm != "HS256":
                yield f"AUTH_ALGORITHM {self.auth_algorithm} needs AUTH_JWKS_URL, to get public keys from."
            return
        if self.auth_secret is not None:
            yield "AUTH_SECRET and AUTH_JWKS_URL exclude each other."
        if self.auth_algorithm == "HS256":
            yield "AUTH_JWKS_URL holds public keys, so AUTH_ALGORITHM must be RS256 or another one of those."
        if "auth_issuer" not in self.model_fields_set:
            yield "AUTH_JWKS_URL is set, so AUTH_ISSUER must say whose tokens are trusted."
        if not _is_private(self.auth_jwks_url):
            yield "AUTH_JWKS_URL must be an https:// address, or http:// on this very machine."


def _is_private(url: str) -> bool:
    """Whether nobody on the way can change what an address answers."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK))

"""Every setting, read from the environment once; the table in the README is checked against this file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from graph_api.errors import ConfigurationError

_SECRET_BYTES: Final = 32
_ORIGIN: Final = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?|https?://\[[0-9a-f:]+\](:[0-9]{1,5})?")
_LOOPBACK: Final = {"localhost", "127.0.0.1", "::1"}


class Settings(BaseSettings):
    """How this process runs. An environment variable of the same name in capitals sets each field."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    api_host: str = Field("127.0.0.1", description="Address that the API listens on.")
    api_port: Annotated[int, Field(ge=0, le=65535)] = Field(
        8000, description="Port that the API listens on; 0 takes a free one, which the start tells."
    )
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
    entities_kept: Annotated[int, Field(ge=0)] = Field(
        100_000,
        description="Topics, and as many of each kind of thing said of them, that a process keeps in memory;"
        " 0 keeps none.",
    )
    answers_megabytes: Annotated[int, Field(ge=0)] = Field(
        16, description="Megabytes of answers that a process keeps for who asks the same again; 0 keeps none."
    )
    parts_megabytes: Annotated[int, Field(ge=0)] = Field(
        56,
        description="Megabytes of parts of answers, each what is selected of one topic, that a process keeps"
        " for the next answer with the same part; 0 keeps none.",
    )
    planned_execution: bool = Field(
        True,
        description="Whether operations are executed by plans that are kept with their documents;"
        " if not, by graphql-core alone.",
    )
    warm_up: bool = Field(
        True, description="Whether the database is asked at the start for plans of what readers may wait for."
    )
    feed_poll: Annotated[float, Field(gt=0, le=1)] = Field(
        0.5, description="Seconds after which subscribers hear of another replica's write at the latest."
    )
    max_body_bytes: Annotated[int, Field(ge=1024)] = Field(
        1_000_000,
        description="Bytes that a request's body, or a message of a WebSocket, may have;"
        " a longer one is refused.",
    )
    max_source_length: Annotated[int, Field(ge=1)] = Field(
        50_000, description="Characters that the text of a document may have."
    )
    max_tokens: Annotated[int, Field(ge=1)] = Field(
        2_000, description="Words and signs that a document may have, and as many comments."
    )
    max_depth: Annotated[int, Field(ge=1, le=200)] = Field(
        20, description="Fields within each other that an operation may have."
    )
    max_aliases: Annotated[int, Field(ge=0)] = Field(
        100, description="Fields that a document may give another name."
    )
    max_root_fields: Annotated[int, Field(ge=1)] = Field(
        50, description="Fields that an operation itself may have, those within them apart."
    )
    max_directives: Annotated[int, Field(ge=0)] = Field(
        50, description="Directives, like `@skip`, that a document may use."
    )
    max_fields: Annotated[int, Field(ge=1)] = Field(
        1_000, description="Fields that a document may have, with each fragment as often as it is reached."
    )
    max_fragments: Annotated[int, Field(ge=0)] = Field(
        60, description="Fragments that a document may spread, each as often as it is reached."
    )
    max_repeats: Annotated[int, Field(ge=0)] = Field(
        1_000, description="Pairs of fields with one name in one place, which have to be compared."
    )
    max_introspection_depth: Annotated[int, Field(ge=1, le=200)] = Field(
        16, description="Fields within each other from `__schema` or `__type` on."
    )
    max_list_entries: Annotated[int, Field(ge=0)] = Field(
        20_000, description="Entries that all lists in the arguments of a request may have together."
    )
    max_cost: Annotated[int, Field(ge=0)] = Field(
        50_000, description="What an operation may cost, as computed before it is executed."
    )
    operation_timeout: Annotated[float, Field(gt=0, le=3600)] = Field(
        15.0, description="Seconds that a query or mutation may take before it is ended."
    )
    max_concurrent: Annotated[int, Field(ge=1)] = Field(
        32,
        description="Operations by HTTP that a process executes at once at the most; others wait their turn.",
    )
    max_queued: Annotated[int, Field(ge=0)] = Field(
        128, description="Operations that may wait for their turn; one more is told to come back later."
    )
    queue_timeout: Annotated[float, Field(gt=0, le=3600)] = Field(
        5.0, description="Seconds that an operation may wait for its turn."
    )
    queue_tolerance: Annotated[float, Field(gt=0, le=3600)] = Field(
        0.05,
        description="Seconds that an operation may wait for its turn where more comes in, for long,"
        " than can be done.",
    )
    rate_limit: Annotated[int, Field(ge=0)] = Field(
        0,
        description="Points that a token, or an address without one, may spend a minute;"
        " an operation takes its cost. 0 for no limit.",
    )
    rate_limit_burst: Annotated[int, Field(ge=1)] | None = Field(
        None, description="Points that may be saved up and spent at once; left out, those of a minute."
    )
    redis_url: SecretStr | None = Field(
        None,
        description="`redis://` or `rediss://` address of a Redis through which processes share rate limits;"
        " left out, each keeps its own.",
    )
    trusted_proxies: str | None = Field(
        None,
        description="Addresses or networks, separated by commas, of the proxies whose `X-Forwarded-For` and"
        " `X-Forwarded-Proto` are believed; left out, none.",
    )
    trusted_documents: Literal["off", "allow", "only"] = Field(
        "allow",
        description="Whether documents may be asked for by `documentId` (`allow`), must be (`only`),"
        " or cannot be (`off`).",
    )
    trusted_folder: Path | None = Field(
        None, description="Folder of further trusted documents, beside those in OPERATIONS."
    )
    trusted_max_age: Annotated[int, Field(ge=0, le=86_400)] = Field(
        10, description="Seconds that caches may keep the answer to a trusted document that is for everybody."
    )
    cors_origins: str | None = Field(
        None,
        description="Origins, separated by commas, whose pages may ask, like `https://app.example.org`;"
        " `*` for any; left out, none but our own.",
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
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "warning", description="How much is logged; from `info` on, a line for each operation."
    )
    log_format: Literal["json", "text"] | None = Field(
        None, description="`json` or `text`; left out, text on a terminal and JSON elsewhere."
    )
    metrics: bool = Field(False, description="Whether `/metrics` tells the metrics to everybody.")
    metrics_port: Annotated[int, Field(ge=1, le=65535)] | None = Field(
        None, description="Port of API_HOST that tells the metrics instead of `/metrics`."
    )
    otel_exporter_otlp_endpoint: str | None = Field(
        None,
        description="Address of a collector that takes traces by OTLP over HTTP; needs the extra `otel`.",
        pattern=r"^https?://.+",
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

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, value: str | None) -> str | None:
        for each in _listed(value):
            try:
                ip_network(each)
            except ValueError:
                raise ValueError(f"{each} is neither an address nor a network") from None
        return value

    @field_validator("cors_origins")
    @classmethod
    def _are_origins(cls, value: str | None) -> str | None:
        for each in _listed(value):
            if each != "*" and not _ORIGIN.fullmatch(each):
                raise ValueError(f"{each} is no origin, like https://app.example.org")
        return value

    @field_validator("redis_url")
    @classmethod
    def _is_redis(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().startswith(("redis://", "rediss://")):
            raise ValueError("it must begin with redis:// or rediss://")
        return value

    @property
    def proxies(self) -> tuple[str, ...]:
        """The addresses and networks of the proxies that are believed."""
        return _listed(self.trusted_proxies)

    @property
    def origins(self) -> tuple[str, ...]:
        """The origins whose pages may ask."""
        return _listed(self.cors_origins)

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


def _listed(value: str | None) -> tuple[str, ...]:
    """The parts of a list with commas."""
    return tuple(part.strip() for part in (value or "").split(",") if part.strip())


def _is_private(url: str) -> bool:
    """Whether nobody on the way can change what an address answers."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK))

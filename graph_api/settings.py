"""Every setting, read from the environment once; the table in the README is checked against this file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from graph_api.errors import ConfigurationError


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
    max_body_bytes: Annotated[int, Field(ge=1024)] = Field(
        1_000_000, description="Bytes that a request's body may have; a longer one is refused."
    )
    operations: Path = Field(
        Path("schema/operations"), description="Folder of the ready operations that GraphiQL offers."
    )
    solver_threads: Annotated[int, Field(ge=1, le=64)] = Field(
        2, description="How many learning paths are computed at once; others wait their turn."
    )
    introspection: bool = Field(True, description="Whether clients may read the schema (GraphiQL needs it).")

    @classmethod
    def read(cls, **given: object) -> Settings:
        """The settings of the environment, `given` ones first. Raises ConfigurationError in one sentence."""
        try:
            settings = cls(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]  # pydantic checks them
        except ValidationError as error:
            faults = "; ".join(f"{str(fault['loc'][0]).upper()}: {fault['msg']}" for fault in error.errors())
            raise ConfigurationError(f"A setting cannot be used: {faults}.") from None
        if settings.neo4j_uri and settings.neo4j_password is None:
            raise ConfigurationError("NEO4J_URI is set, so NEO4J_PASSWORD must be set too.")
        return settings

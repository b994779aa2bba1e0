"""`graph-api token`: a bearer token for this API, signed with its own secret."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from graph_api.api.viewer import Role
from graph_api.cli.screen import say
from graph_api.errors import BadInput, ConfigurationError

if TYPE_CHECKING:
    from graph_api.settings import Settings

RoleOption = Annotated[
    Role, typer.Option("--role", help="What its bearer may do.", show_default=False, case_sensitive=False)
]
Subject = Annotated[str, typer.Option(help="Who its bearer is; progress belongs to this name.")]
Hours = Annotated[float, typer.Option(help="Hours until it expires.", min=0.01, max=87_600)]


def token(role: RoleOption, subject: Subject = "me", hours: Hours = 12) -> None:
    """Print a token: send it as `Authorization: Bearer ...`.

    It is signed with AUTH_SECRET, or with the secret that `serve` keeps for its local Neo4j; the server
    may be running or not.
    """
    from graph_api.cli.secret import signing
    from graph_api.settings import Settings

    if not subject.strip() or not subject.isprintable():
        raise BadInput("--subject must be a name.")
    minted = mint(signing(Settings.read()), subject=subject, role=role, hours=hours)
    say(minted, to_output=True)
    say(f"This makes its bearer {subject}, as {role.value}, for {hours:g} hours.")


def mint(settings: Settings, *, subject: str, role: Role, hours: float) -> str:
    """A token that the API of these settings takes. Raises ConfigurationError when it signs none itself."""
    import jwt

    if settings.auth_jwks_url is not None:
        raise ConfigurationError("Tokens come from the issuer of AUTH_JWKS_URL; only it has the key.")
    if settings.auth_secret is None:
        raise ConfigurationError("Set AUTH_SECRET to the one that the API has; there is none to sign with.")
    now = time.time()
    claims = {
        "sub": subject,
        "roles": [role.value],
        "iss": settings.auth_issuer,
        "aud": settings.auth_audience,
        "iat": int(now),
        "exp": int(now + hours * 3600),
    }
    return jwt.encode(claims, settings.auth_secret.get_secret_value().encode(), settings.auth_algorithm)

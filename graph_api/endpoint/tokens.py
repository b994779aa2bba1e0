"""Bearer tokens: JSON Web Tokens (RFC 7519, used as RFC 6750 and RFC 8725 say), and who they name.

No sentence of ours holds any part of a token: what is refused is told by its kind alone.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeAlias

import jwt
from starlette.datastructures import Headers

from graph_api.errors import Unauthenticated

MAX_TOKEN_BYTES: Final = 8192
LEEWAY_SECONDS: Final = 10
"""So far may the clocks of the issuer and of this machine be apart."""

Key: TypeAlias = "bytes | jwt.PyJWK"

_REQUIRED: Final = ("exp", "aud", "iss", "sub")
_CANNOT_BE_READ: Final = "The token cannot be read."
_REFUSALS: Final[Mapping[type[jwt.PyJWTError], str]] = {
    jwt.ExpiredSignatureError: "The token has expired; ask for a new one.",
    jwt.ImmatureSignatureError: "The token is not valid yet.",
    jwt.InvalidAudienceError: "The token is meant for another audience.",
    jwt.InvalidIssuerError: "The token comes from another issuer.",
    jwt.InvalidAlgorithmError: "The token is signed with another algorithm than this server takes.",
    jwt.InvalidSignatureError: "The token's signature is wrong.",
    jwt.MissingRequiredClaimError: f"The token lacks one of the claims {', '.join(_REQUIRED)}.",
}


@dataclass(frozen=True, slots=True)
class Identity:
    """Who sent a request, as their token says: `expires_at` in seconds since 1970."""

    subject: str
    roles: frozenset[str]
    expires_at: float


Identify: TypeAlias = Callable[[str | None], Awaitable[Identity | None]]
"""From an Authorization header to who it names, as `Verifier.identify` does it."""


class Keys(Protocol):
    """Where the key of a token comes from."""

    async def key(self, kid: str | None) -> Key:
        """The key of this id. Raises Unauthenticated without one, and Unavailable."""


@dataclass(frozen=True, slots=True)
class Secret:
    """The one key of tokens that are signed and checked with a shared secret."""

    value: bytes

    async def key(self, kid: str | None) -> Key:  # noqa: ARG002 - there is but one
        """The secret, whatever the id."""
        return self.value


@dataclass(frozen=True, slots=True)
class Verifier:
    """Tells who a request comes from. Without `keys` there is no token that it takes.

    The algorithm is that of the setting, whatever a token says; `exp`, `aud`, `iss` and `sub` are
    required, and `nbf` and `iat` are checked where they are.
    """

    keys: Keys | None
    algorithm: str = "HS256"
    audience: str = ""
    issuer: str = ""

    async def identify(self, authorization: str | None) -> Identity | None:
        """Who an Authorization header names; None without a header.

        Raises Unauthenticated, in one sentence, for anything that is not a token to be trusted, and
        Unavailable when the keys cannot be had now.
        """
        if authorization is None:
            return None
        token = _bearer(authorization)
        if self.keys is None:
            raise Unauthenticated("This server takes no tokens.")
        if len(token) > MAX_TOKEN_BYTES:
            raise Unauthenticated(f"The token is longer than {MAX_TOKEN_BYTES} bytes.")
        key = await self.keys.key(self._kid(token))
        return _identity(self._claims(token, key))

    def _kid(self, token: str) -> str | None:
        """The id of the key that a token names; it is not looked for when the algorithm is another one."""
        try:
            header = jwt.get_unverified_header(token)
        except (jwt.PyJWTError, ValueError, RecursionError):
            raise Unauthenticated(_CANNOT_BE_READ) from None
        if header.get("alg") != self.algorithm:
            raise Unauthenticated(_REFUSALS[jwt.InvalidAlgorithmError])
        return header.get("kid")

    def _claims(self, token: str, key: Key) -> Mapping[str, Any]:
        try:
            return jwt.decode(
                token,
                key,
                algorithms=[self.algorithm],
                audience=self.audience,
                issuer=self.issuer,
                leeway=LEEWAY_SECONDS,
                options={"require": list(_REQUIRED), "enforce_minimum_key_length": True},
            )
        except jwt.PyJWTError as error:
            raise Unauthenticated(_REFUSALS.get(type(error), _CANNOT_BE_READ)) from None
        except (ValueError, TypeError, OverflowError, RecursionError):  # claims of a kind it does not expect
            raise Unauthenticated(_CANNOT_BE_READ) from None


def authorization_of(headers: Headers) -> str | None:
    """The Authorization header; of several, one that nobody takes for a token."""
    given = headers.getlist("authorization")
    return ", ".join(given) if given else None


def _bearer(authorization: str) -> str:
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthenticated("The Authorization header must be: Bearer <token>.")
    return token.strip()


def _identity(claims: Mapping[str, Any]) -> Identity:
    subject, roles = claims["sub"], claims.get("roles", [])
    if not isinstance(subject, str) or not subject.strip() or not subject.isprintable():
        raise Unauthenticated('The token\'s "sub" is not a name.')
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
        raise Unauthenticated('The token\'s "roles" is not a list of names.')
    return Identity(subject, frozenset(roles), float(claims["exp"]))

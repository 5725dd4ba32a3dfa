"""The two other libraries, set up with the same keys, issuer, audience and leeway as padlock."""

import json

import jwt
from joserfc import jws
from joserfc import jwt as joserfc_jwt
from joserfc.jwk import KeySet, import_key

from tokens import AUDIENCE, ISSUER

LEEWAY = 60


class PyJwt:
    """PyJWT, with the key that the header's `kid` names, or the only one that fits `alg`."""

    name = "PyJWT"

    def __init__(self, keys):
        self.keys = {alg: jwt.PyJWK(key.jwk, algorithm=alg) for alg, key in keys.items()}
        self.by_kid = {key.kid: alg for alg, key in keys.items()}

    def refuses(self, token: bytes, now: int) -> str | None:
        """Why the token is refused. PyJWT has no clock to set, so that `now` is the system's."""
        try:
            header = jwt.get_unverified_header(token)
            alg = self.by_kid[header["kid"]] if "kid" in header else header["alg"]
            jwt.decode(token, self.keys[alg], algorithms=[alg], audience=AUDIENCE, issuer=ISSUER,
                       leeway=LEEWAY, options={"require": ["exp", "iss", "aud"]})
        except Exception as error:  # every exception is a refusal
            return f"{type(error).__name__}: {error}"
        return None


class JoseRfc:
    """joserfc, with the key set."""

    name = "joserfc"

    def __init__(self, keys):
        self.keys = KeySet([import_key({**key.jwk, "alg": alg}) for alg, key in keys.items()])
        self.registry = jws.JWSRegistry(algorithms=list(keys))

    def refuses(self, token: bytes, now: int) -> str | None:
        """Why the token is refused at this time, in seconds since 1970."""
        try:
            decoded = joserfc_jwt.decode(token, self.keys, registry=self.registry)
            required = {"iss": {"essential": True, "value": ISSUER}, "exp": {"essential": True},
                        "aud": {"essential": True, "value": AUDIENCE}}
            rules = joserfc_jwt.JWTClaimsRegistry(now=now, leeway=LEEWAY, **required)
            rules.validate(decoded.claims)
        except Exception as error:  # every exception is a refusal
            return f"{type(error).__name__}: {error}"
        return None


def padlock_settings(keys) -> tuple[list[str], str]:
    """padlock's arguments for the same, and the key set for its file."""
    arguments = ["--expect-issuer", ISSUER, "--audience", AUDIENCE, "--leeway", str(LEEWAY),
                 "--algorithm", ",".join(keys)]
    return arguments, json.dumps({"keys": [key.jwk for key in keys.values()]})

"""What padlock accepts on purpose although one of the other libraries refuses it."""

import json
from base64 import urlsafe_b64decode


def header_of(token: bytes) -> dict:
    part = token.split(b".")[0]
    return json.loads(urlsafe_b64decode(part + b"=" * (-len(part) % 4)))


def starts(*beginnings: str):
    return lambda reason, token: reason.startswith(beginnings)


# RFC 7515 §4: a header parameter that is not understood is ignored, unless `crit` names it.
IGNORED = ("cty", "jku", "jwk", "x5c", "x5t", "x5u")
KEY_ERRORS = ("InvalidHeaderValueError: invalid_header_value: '" + name + "' in header" for name in IGNORED)

RULES = {
    "an unknown header parameter is ignored (RFC 7515 §4)":
        starts("UnsupportedHeaderError: unsupported_header: Unsupported {"),
    "a header parameter that is not used may have any value (RFC 7515 §4)": starts(*KEY_ERRORS),
    "jti is not used, and may have any value (RFC 7519 §4.1.7)":
        starts("InvalidJTIError: JWT ID", "InvalidClaimError: invalid_claim: Claim 'jti'"),
    "a header may be longer than 512 bytes": starts("ExceededSizeError: exceeded_size: Header size"),
    "a token without kid is verified with the only key that fits its alg": lambda reason, token: (
        reason.startswith("InvalidKeyIdError") and "kid" not in header_of(token)),
}


def explanation(reason: str, token: bytes) -> str | None:
    """The rule that explains it, if there is one."""
    return next((rule for rule, holds in RULES.items() if holds(reason, token)), None)

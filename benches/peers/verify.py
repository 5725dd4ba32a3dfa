"""Verifies tokens from stdin like `padlock verify`, with PyJWT.

Arguments: JWKS file, issuer, audience.
"""

import json
import sys

import jwt

jwks_file, issuer, audience = sys.argv[1:]
with open(jwks_file, encoding="utf-8") as file:
    keys = {key.key_id: key.key for key in jwt.PyJWKSet.from_dict(json.load(file)).keys}
options = {"require": ["exp", "iss", "aud"]}
failed = False
for number, line in enumerate(sys.stdin, 1):
    try:
        kid = jwt.get_unverified_header(line.rstrip())["kid"]
        claims = jwt.decode(
            line.rstrip(),
            keys[kid],
            algorithms=["RS256"],
            issuer=issuer,
            audience=audience,
            leeway=60,
            options=options,
        )
        verdict = {"line": number, "valid": True, "claims": claims}
    except (jwt.InvalidTokenError, KeyError) as error:
        verdict = {"line": number, "valid": False, "reasons": [str(error)]}
        failed = True
    print(json.dumps(verdict, separators=(",", ":")))
sys.exit(8 if failed else 0)

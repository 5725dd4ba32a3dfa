"""A login with requests and PyJWT: the token and JWKS requests, verification, three claims.

Checks what padlock checks: signature, issuer, audience and times.
"""

import os

import jwt
import requests

env = os.environ
domain = env["AUTH0_DOMAIN"].rstrip("/")
session = requests.Session()
response = session.post(
    f"{domain}/oauth/token",
    json={
        "grant_type": "password",
        "username": env["PADLOCK_EMAIL"],
        "password": env["PADLOCK_PASSWORD"],
        "scope": "openid profile email",
        "client_id": env["AUTH0_CLIENT_ID"],
        "client_secret": env["AUTH0_CLIENT_SECRET"],
    },
    timeout=30,
)
response.raise_for_status()
token = response.json()["id_token"]
keys = jwt.PyJWKSet.from_dict(session.get(f"{domain}/.well-known/jwks.json", timeout=30).json())
claims = jwt.decode(
    token,
    keys[jwt.get_unverified_header(token)["kid"]],
    algorithms=["RS256"],
    audience=env["AUTH0_CLIENT_ID"],
    issuer=f"{domain}/",
    leeway=60,
    options={"require": ["iss", "sub", "aud", "exp", "iat"]},
)
print(claims["email"], claims["nickname"], claims["sub"])

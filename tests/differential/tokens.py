"""Mutated tokens: of header, claims, signature and encoding, alone and together."""

import json
import random
import re
from base64 import urlsafe_b64decode

from cryptography.hazmat.primitives.asymmetric import utils

from keys import HASHES, Key, base64url, mac

ISSUER, AUDIENCE = "https://issuer.test/", "https://api.test"
HEADER_NAMES = ["alg", "kid", "typ", "cty", "crit", "b64", "jwk", "jku", "x5u", "x5c", "x5t", "zip",
                "enc", "exp", "x", ""]
CLAIM_NAMES = ["iss", "sub", "aud", "exp", "iat", "nbf", "jti", "azp", "auth_time", "nonce", "cnf",
               "events", "at_hash", "c_hash", "typ", "scope", "permissions", "sid", "act", "x", ""]
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512",
              "ES256K", "EdDSA", "Ed25519", "HS256", "HS384", "HS512", "none", "None", "nOnE", "",
              "rs256", "RSA-OAEP", "dir", "\u0000RS256", "RS256 "]


class Mutator:
    """Makes the tokens of one run from its seed."""

    def __init__(self, seed: int, now: int, keys: dict[str, Key], stranger: dict[str, Key]):
        self.random = random.Random(seed)
        self.now, self.keys, self.stranger = now, keys, stranger

    def token(self) -> tuple[str, bytes]:
        """A token, and what was done to it."""
        pick = self.random
        alg = pick.choice(list(self.keys))
        key = self.keys[alg]
        header = {"alg": alg, "kid": key.kid, "typ": "JWT"}
        claims = {"iss": ISSUER, "sub": "auth0|1", "aud": AUDIENCE, "iat": self.now - 30,
                  "exp": self.now + 3600}
        done = []
        for _ in range(pick.choice([0, 1, 1, 1, 2])):
            part, names = pick.choice([(header, HEADER_NAMES), (claims, CLAIM_NAMES), (claims, CLAIM_NAMES)])
            done.append(self.change(part, names))
        parts = [self.text(header, done), self.text(claims, done)]
        if pick.random() < 0.25:
            done.append(self.encoding(parts))
        message = b".".join(parts)
        signature = self.signature(alg, key, message, done)
        parts.append(base64url(signature).encode())
        if pick.random() < 0.2:
            done.append(self.raw(parts))
        token = b".".join(parts).replace(b"\n", b"_").replace(b"\r", b"_")
        return " ".join(done) or "genuine", token

    def change(self, part: dict, names: list[str]) -> str:
        name = self.random.choice(names)
        if self.random.random() < 0.15:
            part.pop(name, None)
            return f"-{name}"
        part[name] = self.value(name)
        return f"{name}"

    def value(self, name: str):
        pick, now = self.random, self.now
        times = [now + d for d in (-10**6, -3600, -200, -20, 0, 20, 200, 3600, 10**6)]
        times += [float(now + 100), now + 0.5, now - 0.5, 1e300, -1, 0, 2**63, 2**64, -2**63, 10**400]
        issuers = [ISSUER, ISSUER[:-1], ISSUER.upper(), ISSUER + "/", ISSUER + "\0", " " + ISSUER]
        audiences = [AUDIENCE, AUDIENCE + "/", AUDIENCE.upper(), [AUDIENCE], [AUDIENCE, "b"], ["b"],
                     [], [[AUDIENCE]], {AUDIENCE: 1}, [AUDIENCE, 1], [None, AUDIENCE]]
        own = {
            "alg": ALGORITHMS,
            "kid": [key.kid for key in self.keys.values()] + ["", "?", "../../dev/null", 0, None],
            "typ": ["JWT", "jwt", "at+jwt", "application/at+jwt", "JOSE", "dpop+jwt", "logout+jwt",
                    "secevent+jwt", "ID", "Bearer", "Refresh"],
            "crit": [[], ["exp"], ["b64"], ["x"], "exp", {}, [1], ["exp", "exp"]],
            "b64": [True, False, "false"],
            "jwk": [key.jwk for key in self.stranger.values()],
            "iss": issuers, "aud": audiences,
            "cnf": [{"jkt": "x"}, {"x5t#S256": "x"}, {}, {"jwk": {}}],
        }
        if name in ("exp", "iat", "nbf", "auth_time") and pick.random() < 0.8:
            return pick.choice(times)
        if name in own and pick.random() < 0.8:
            return pick.choice(own[name])
        odd = [None, True, False, "", "x", 0, 1, -1, 1.5, [], {}, ["x"], {"x": 1}, str(now + 100),
               "\ud83d\ude00", "\u202e", "a" * 300, [["deep"]], "2030-01-01T00:00:00Z"]
        return pick.choice(odd)

    def text(self, part: dict, done: list[str]) -> bytes:
        """The part as JSON, base64url-encoded; sometimes with what JSON readers disagree about."""
        pick = self.random
        text = json.dumps(part, separators=(",", ":"), ensure_ascii=pick.random() < 0.5)
        if pick.random() < 0.12:
            name = pick.choice(list(part) or ["x"])
            edits = {
                "duplicate": "{" + json.dumps(name) + ":" + json.dumps(self.value(name)) + "," + text[1:],
                "escaped-duplicate": text[:-1] + ',"\\u0065xp":9999999999}',
                "trailing-comma": text[:-1] + ",}",
                "after-the-end": text + pick.choice(["x", "{}", " ", "\0"]),
                "white-space": pick.choice([" ", "\t", "\ufeff", "\u00a0", "\u000b"]) + text,
                "not-a-number": text[:-1] + ',"x":' + pick.choice(["NaN", "Infinity", "01", "1.", "+1", "1e999"]) + "}",
                "single-quotes": text.replace('"', "'"),
                "comment": text[:-1] + "/**/}",
                "control": text[:-1] + ',"x":"\t"}',
                "lone-surrogate": text[:-1] + ',"x":"\\ud800"}',
                "no-object": pick.choice(["[]", "null", "1", '"x"', ""]),
                "deep": text[:-1] + ',"x":' + "[" * 200 + "]" * 200 + "}",
                "cut": text[: pick.randrange(len(text) + 1)],
            }
            kind = pick.choice(list(edits))
            done.append(kind)
            text = edits[kind]
        data = text.encode("utf-8", "surrogatepass")
        if pick.random() < 0.02:
            done.append("utf-16")
            data = text.encode("utf-16", "surrogatepass")
        elif pick.random() < 0.02:
            done.append("bad-utf-8")
            data = data[:-1] + b',"x":"\xff\xc0\x80"}'
        return base64url(data).encode()

    def encoding(self, parts: list[bytes]) -> str:
        """Another spelling of a part, before the signature: the same bytes to a lenient reader."""
        pick = self.random
        at = pick.randrange(len(parts))
        old = parts[at]
        edits = {
            "padding": old + b"=" * pick.randrange(1, 4),
            "trailing-bits": old[:-1] + bytes([pick.choice(b"ABCDEFGHwxyz0123456789-_")]),
            "standard-alphabet": old.replace(b"-", b"+").replace(b"_", b"/"),
            "inner-space": old[: len(old) // 2] + pick.choice([b" ", b"\t", b"\0", b"%20"]) + old[len(old) // 2 :],
            "character": old + pick.choice([b"A", b"*", b"\xc3\xa9", b"."]),
            "empty": b"",
        }
        kind = pick.choice(list(edits))
        parts[at] = edits[kind]
        return f"{kind}-{'header payload'.split()[at]}"

    def signature(self, alg: str, key: Key, message: bytes, done: list[str]) -> bytes:
        pick = self.random
        if pick.random() < 0.6:
            return key.sign(alg, message)
        genuine = key.sign(alg, message)
        half = len(genuine) // 2
        digest = HASHES["256"]()
        other = pick.choice(ALGORITHMS[:11])
        edits = {
            "stranger": lambda: self.stranger[alg].sign(alg, message),
            "empty": lambda: b"",
            "zeros": lambda: bytes(len(genuine)),
            "cut": lambda: genuine[:-1],
            "longer": lambda: genuine + b"\0",
            "leading-zero": lambda: b"\0" + genuine,
            "bit": lambda: genuine[:half] + bytes([genuine[half] ^ 1]) + genuine[half + 1 :],
            "swapped": lambda: genuine[half:] + genuine[:half],
            "der": lambda: utils.encode_dss_signature(
                int.from_bytes(genuine[:half], "big"), int.from_bytes(genuine[half:], "big")),
            "public-key-as-secret": lambda: mac(pick.choice(key.public_bytes()), digest, message),
            "other-key": lambda: pick.choice(list(self.keys.values())).sign(alg, message),
            "other-algorithm": lambda: key.sign(other, message),
        }
        kind = pick.choice(list(edits))
        done.append(f"signature-{kind}")
        return edits[kind]()

    def raw(self, parts: list[bytes]) -> str:
        """A change after signing, of any part."""
        pick = self.random
        at = pick.randrange(3)
        part = parts[at]
        edits = {
            "flip": lambda: part[:-1] + bytes([part[-1] ^ pick.choice([1, 2, 4, 8])]) if part else b"A",
            "padding": lambda: part + b"=" * (-len(part) % 4 or 4),
            "case": lambda: part.swapcase(),
            "space": lambda: pick.choice([b" ", b"\t", b"\xc2\xa0"]) + part,
            "extra-part": lambda: part + b"." + pick.choice([b"", b"e30", part]),
            "fewer-parts": lambda: part[: len(part) // 2],
            "trailing-bits": lambda: part[:-1] + bytes([pick.choice(b"ABCDEFGHwxyz0123456789-_")]),
            "payload-changed": lambda: self.other_payload(part),
        }
        kind = pick.choice(list(edits))
        parts[at] = edits[kind]()
        return f"after-signing-{kind}-{at}"

    def other_payload(self, part: bytes) -> bytes:
        try:
            text = urlsafe_b64decode(part + b"=" * (-len(part) % 4))
        except ValueError:
            return part
        return base64url(re.sub(rb"auth0.1", b"auth0|2", text)).encode()

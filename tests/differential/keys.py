"""The keys of a run: one for each kind of signature, and what an attacker would sign with."""

import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes, hmac, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils

HASHES = {"256": hashes.SHA256, "384": hashes.SHA384, "512": hashes.SHA512}
CURVES = {"ES256": (ec.SECP256R1, 32), "ES384": (ec.SECP384R1, 48), "ES512": (ec.SECP521R1, 66)}


def base64url(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def number(value: int, length: int) -> str:
    return base64url(value.to_bytes(length, "big"))


@dataclass
class Key:
    """A private key or secret, and its public JWK."""

    kid: str
    private: object
    jwk: dict

    @staticmethod
    def rsa(kid: str, alg: str) -> "Key":
        private = rsa.generate_private_key(65537, 2048)
        public = private.public_key().public_numbers()
        n, e = number(public.n, 256), number(public.e, 3)
        return Key(kid, private, {"kty": "RSA", "kid": kid, "use": "sig", "alg": alg, "n": n, "e": e})

    @staticmethod
    def ec(kid: str, alg: str) -> "Key":
        curve, size = CURVES[alg]
        private = ec.generate_private_key(curve())
        point = private.public_key().public_numbers()
        crv = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}[alg]
        x, y = number(point.x, size), number(point.y, size)
        return Key(kid, private, {"kty": "EC", "kid": kid, "crv": crv, "x": x, "y": y})

    @staticmethod
    def ed25519(kid: str) -> "Key":
        private = ed25519.Ed25519PrivateKey.generate()
        raw = private.public_key().public_bytes_raw()
        return Key(kid, private, {"kty": "OKP", "kid": kid, "crv": "Ed25519", "x": base64url(raw)})

    def sign(self, alg: str, message: bytes) -> bytes:
        """The signature of this algorithm, or of the key's own where the two do not fit."""
        digest = HASHES.get(alg[2:], hashes.SHA256)()
        if isinstance(self.private, bytes):
            return mac(self.private, digest, message)
        if isinstance(self.private, rsa.RSAPrivateKey):
            pss = padding.PSS(padding.MGF1(digest), digest.digest_size)
            scheme = pss if alg.startswith("PS") else padding.PKCS1v15()
            return self.private.sign(message, scheme, digest)
        if isinstance(self.private, ed25519.Ed25519PrivateKey):
            return self.private.sign(message)
        der = self.private.sign(message, ec.ECDSA(digest))
        size = (self.private.curve.key_size + 7) // 8
        r, s = utils.decode_dss_signature(der)
        return r.to_bytes(size, "big") + s.to_bytes(size, "big")

    def public_bytes(self) -> list[bytes]:
        """Every form of the public key that has been taken for a shared secret."""
        if isinstance(self.private, bytes):
            return [b""]
        public = self.private.public_key()
        spki = serialization.PublicFormat.SubjectPublicKeyInfo
        pem = public.public_bytes(serialization.Encoding.PEM, spki)
        der = public.public_bytes(serialization.Encoding.DER, spki)
        return [pem, pem.rstrip(b"\n"), der, json.dumps(self.jwk).encode()]


def mac(secret: bytes, digest: hashes.HashAlgorithm, message: bytes) -> bytes:
    code = hmac.HMAC(secret or b"\0", digest)
    code.update(message)
    return code.finalize()

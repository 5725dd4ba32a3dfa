#!/bin/sh
# Regenerates the test keys in this folder with OpenSSL 3 and coreutils. See README.md.
set -eu
cd "$(dirname "$0")"

b64url() { basenc --base64url -w0 | tr -d '='; }

# Prints an RSA key as a JWK with the members that Auth0 includes: $1 is the file name, $2 the kid.
jwk() {
  openssl req -new -x509 -key "$1.pem" -subj "/CN=tenant.percy.test" -days 36500 -outform DER -out "$1.der"
  n=$(openssl rsa -in "$1.pem" -noout -modulus 2>/dev/null | cut -d= -f2 | basenc --base16 -d | b64url)
  x5t=$(openssl dgst -sha1 -binary "$1.der" | b64url)
  x5c=$(base64 -w0 <"$1.der")
  rm "$1.der"
  printf '    {\n      "kty": "RSA",\n      "use": "sig",\n      "n": "%s",\n      "e": "AQAB",\n' "$n"
  printf '      "kid": "%s",\n      "x5t": "%s",\n      "x5c": ["%s"],\n      "alg": "RS256"\n    }' "$2" "$x5t" "$x5c"
}

for name in current next foreign; do
  openssl genrsa -traditional -out "$name.pem" 2048 2>/dev/null
done
for name in p256 client-p256; do
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$name.pem" 2>/dev/null
done
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out client.pem 2>/dev/null
openssl pkey -in client.pem -traditional -out client-pkcs1.pem
openssl req -x509 -newkey rsa:1024 -nodes -keyout /dev/null -subj /CN=localhost -days 36500 \
  -addext subjectAltName=DNS:localhost -addext basicConstraints=CA:FALSE -out rsa-1024.pem 2>/dev/null
{ openssl ecparam -name prime256v1; openssl pkey -in client-p256.pem -traditional; } >client-sec1.pem

{
  printf '{\n  "keys": [\n'
  jwk current percy-current
  printf ',\n'
  jwk next percy-next
  printf '\n  ]\n}\n'
} >jwks.json

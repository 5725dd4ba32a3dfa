#!/bin/bash
# Measures `padlock verify` on distinct RS256 tokens of one key, in turn with the crypto library's bare verification of the same
# tokens, with PyJWT and with jose; then one token against `padlock --version`. Ratios are what counts.
#
#   benches/verify.sh [TOKENS] [ROUNDS]        100000 tokens, 3 rounds
#   PYTHON=… names a Python that has pyjwt[crypto], JOSE=… the path of jose's entry file; a peer that is not there is left out.
set -euo pipefail
cd "$(dirname "$0")/.."
tokens=${1:-100000} rounds=${2:-3}
folder=target/bench-verify-$tokens
cargo build --quiet --profile dist --bin padlock --example verify_floor
padlock=target/dist/padlock floor=target/dist/examples/verify_floor
[ -s "$folder/tokens" ] || "$floor" make "$tokens" "$folder"

issuer=https://acme.eu.auth0.com/ audience=https://api.acme.example/
verify=("$padlock" verify --jwks "$folder/jwks.json" --expect-issuer "$issuer" --audience "$audience")
python=${PYTHON:-python3}
peers=()
"$python" -c 'import jwt, cryptography' 2>/dev/null && peers+=(pyjwt)
[ -s "${JOSE:-}" ] && command -v node >/dev/null && peers+=(jose)

run() { # NAME: one line "NAME wall cpu" in µs a token
    local words TIMEFORMAT='%R %U %S'
    case $1 in
        floor) echo "floor $("$floor" floor "$folder" 1)"; return ;;
        floor-all-cores) echo "floor-all-cores $("$floor" floor "$folder" "$(nproc)")"; return ;;
        padlock) words=("${verify[@]}") ;;
        padlock-1-core) words=(taskset -c 0 "${verify[@]}") ;;
        pyjwt) words=("$python" benches/peers/verify.py "$folder/jwks.json" "$issuer" "$audience") ;;
        jose) words=(node benches/peers/verify.mjs "$folder/jwks.json" "$issuer" "$audience") ;;
    esac
    { time "${words[@]}" <"$folder/tokens" >/dev/null 2>"$folder/$1.err"; } 2>&1 |
        awk -v name="$1" -v n="$tokens" '{ printf "%s %.3f %.3f\n", name, $1 / n * 1e6, ($2 + $3) / n * 1e6 }'
}

for _ in $(seq "$rounds"); do
    for name in floor padlock-1-core floor-all-cores padlock "${peers[@]}"; do run "$name"; done
done | awk '
    { if (!($1 in wall) || $2 < wall[$1]) wall[$1] = $2; if (!($1 in cpu) || $3 < cpu[$1]) cpu[$1] = $3; if (!seen[$1]++) order[++n] = $1 }
    END {
        printf "%-16s %16s %16s %14s %22s\n", "", "µs a token, wall", "µs a token, cpu", "x floor, wall", "share of floor a core"
        # Two threads of one core slow each other down, so work on all cores is held against a floor on all cores.
        for (i = 1; i <= n; i++) { name = order[i]
            printf "%-16s %16.2f %16.2f %14.2f %22.2f\n", name, wall[name], cpu[name], wall[name] / wall["floor"], cpu[name == "padlock" ? "floor-all-cores" : "floor"] / cpu[name] }
    }'
echo "padlock trusted $("${verify[@]}" <"$folder/tokens" | grep -c '"valid":true') of $tokens tokens"

echo 'one token, keys from a file, against --version:'
"$floor" compare 200 "$padlock" --version -- "${verify[@]}" "$(head -n 1 "$folder/tokens")"

#!/usr/bin/env bash
# Times `padlock verify` on distinct RS256 tokens of one key, in turn with PyJWT, jose, and the
# crypto library's bare signature check (the floor); then the same tokens again and again, of which
# 99 % were verified before, and the peak memory; then one token against `padlock --version`.
# Compare ratios, not times. Fails if padlock does not verify every token.
#
#   benches/verify.sh [TOKENS] [ROUNDS]        100000 tokens, 3 rounds by default
#   PYTHON=…  a Python with pyjwt[crypto]; python3 by default
#   JOSE=…    the path of jose's entry file
#
# Peers that are not installed are left out.
set -euo pipefail
cd "$(dirname "$0")/.."
tokens=${1:-100000} rounds=${2:-3}
folder=target/bench-verify-$tokens
cargo build --quiet --release --bin padlock --example verify_floor
padlock=target/release/padlock floor=target/release/examples/verify_floor
# An interrupted run may have left a file with fewer tokens.
[ "$(wc -l 2>/dev/null <"$folder/tokens")" = "$tokens" ] || "$floor" make "$tokens" "$folder"

issuer=https://acme.eu.auth0.com/ audience=https://api.acme.example/
verify=("$padlock" verify --jwks "$folder/jwks.json" --expect-issuer "$issuer" --audience "$audience")

valid=$("${verify[@]}" <"$folder/tokens" | grep -c '"valid":true') || true
echo "padlock verified $valid of $tokens tokens"
if [ "$valid" != "$tokens" ]; then
    echo 'benches/verify.sh: padlock did not verify every token' >&2
    exit 1
fi

python=${PYTHON:-python3}
peers=()
"$python" -c 'import jwt, cryptography' 2>/dev/null && peers+=(pyjwt)
[ -s "${JOSE:-}" ] && command -v node >/dev/null && peers+=(jose)

run() { # NAME; prints "NAME wall cpu", in µs per token
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
    {
        if (!($1 in wall) || $2 < wall[$1]) wall[$1] = $2
        if (!($1 in cpu) || $3 < cpu[$1]) cpu[$1] = $3
        if (!seen[$1]++) order[++n] = $1
    }
    END {
        header = "%-16s %14s %14s %14s %14s\n"
        printf header, "", "µs/token, wall", "µs/token, CPU", "wall / floor", "share of floor"
        # Two threads on one core slow each other down, so padlock on all cores is compared with the
        # floor on all cores.
        for (i = 1; i <= n; i++) {
            name = order[i]
            floor = name == "padlock" ? "floor-all-cores" : "floor"
            printf "%-16s %14.2f %14.2f %14.2f %14.2f\n", name, wall[name], cpu[name],
                wall[name] / wall["floor"], cpu[floor] / cpu[name]
        }
    }'

# Each line is one of the first tokens, as a server sees the same one again until it is renewed.
repeated=$((tokens < 10000 ? tokens : 10000)) times=100
head -n "$repeated" "$folder/tokens" >"$folder/first"
echo "$repeated tokens $times times each, on one core:"
{
    TIMEFORMAT='%U %S'
    for _ in $(seq "$times"); do cat "$folder/first"; done |
        { time taskset -c 0 "${verify[@]}" >/dev/null 2>"$folder/repeated.err"; }
} 2>&1 | awk -v n="$((repeated * times))" '{ printf "%.2f µs/token, CPU, with the first checks\n", ($1 + $2) / n * 1e6 }'
for count in "$repeated" "$tokens"; do
    head -n "$count" "$folder/tokens" >"$folder/some"
    printf '%s distinct tokens: ' "$count"
    /usr/bin/time -f 'at most %M KiB of memory' "${verify[@]}" <"$folder/some" 2>&1 >/dev/null | tail -n 1
done

echo 'one token, keys from a file, compared with --version:'
"$floor" compare 200 "$padlock" --version -- "${verify[@]}" "$(head -n 1 "$folder/tokens")"

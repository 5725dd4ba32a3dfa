#!/usr/bin/env bash
# Counts the instructions of what padlock does most, and fails if one takes 3 % more than the table
# in benches/budget.txt allows. Unlike times, counts do not vary with the load of the machine, and
# hardly from run to run. Needs valgrind.
#
#   benches/budget.sh            compares with the table
#   benches/budget.sh --update   writes the table, after a change that is worth its cost
#
# A table is of one compiler: its first line says which one.
set -euo pipefail
cd "$(dirname "$0")/.."
table=benches/budget.txt tolerance=3 ready_within=30 many=10000
# Else callgrind counts each byte that glibc clears as an instruction, which a processor does not.
export GLIBC_TUNABLES=glibc.cpu.x86_rep_stosb_threshold=1000000000

fail() { echo "benches/budget.sh: $1" >&2; exit 1; }

cargo build --quiet --release --locked --bin padlock --example verify_floor
cargo build --quiet --profile quick --locked --example demo
padlock=$PWD/target/release/padlock
work=$(mktemp -d)
target/quick/examples/demo --serve --tls --port 0 >"$work/settings" &
tenant=$!
trap 'kill "$tenant" 2>/dev/null || true; rm -rf "$work"' EXIT
deadline=$((SECONDS + ready_within))
# The demo prints this setting last.
until grep -qs '^export PADLOCK_CA_FILE=' "$work/settings"; do
  kill -0 "$tenant" 2>/dev/null || fail 'the demo tenant exited before it was ready'
  [ "$SECONDS" -lt "$deadline" ] || fail "the demo tenant was not ready within $ready_within s"
  sleep 0.1
done
mapfile -t settings < <(sed -n 's/^export //p' "$work/settings")
target/release/examples/verify_floor make "$many" "$work/tokens" >/dev/null
head -n 1 "$work/tokens/tokens" >"$work/one"
mkdir "$work/empty"

# Runs padlock in an empty folder and environment, after the words that are put before it.
padlock() {
  (cd "$work/empty" && env -i PATH="$PATH" HOME="$work/home" GLIBC_TUNABLES="$GLIBC_TUNABLES" \
    "${settings[@]}" "${before[@]}" "$padlock" "$@")
}

# Prints the instructions of a run, which reads the file "$input".
count() {
  local before=(taskset -c 0 valgrind --tool=callgrind --callgrind-out-file=/dev/null) counted
  padlock "$@" <"$input" >/dev/null 2>"$work/valgrind" || { cat "$work/valgrind" >&2; fail "padlock $1 failed"; }
  counted=$(sed -n 's/.*Collected : \([0-9]*\).*/\1/p' "$work/valgrind")
  [ "${counted:-0}" -gt 0 ] || fail 'callgrind counted no instructions'
  echo "$counted"
}

before=() input=/dev/null
sign_in=(--email robin@percy.test --password pa55word)
verify=(verify --jwks "$work/tokens/jwks.json" --expect-issuer https://acme.eu.auth0.com/
  --audience https://api.acme.example/)
padlock "${sign_in[@]}" --save >/dev/null 2>&1
{
  echo "$(count --version) padlock --version"
  echo "$(count --help) padlock --help"
  echo "$(count "${sign_in[@]}") a login"
  echo "$(count token) padlock token, from a saved session"
  input=$work/one
  echo "$(count "${verify[@]}") padlock verify, one token"
  input=$work/tokens/tokens
  echo "$(count "${verify[@]}") padlock verify, $many tokens"
} >"$work/counts"

if [ "${1:-}" = --update ]; then
  { echo "# Instructions, counted with $(rustc --version)"; cat "$work/counts"; } >"$table"
  cat "$table"
  exit
fi
awk -v tolerance="$tolerance" '
  NR == FNR { if ($1 != "#") { name = $0; sub(/^[0-9]+ /, "", name); allowed[name] = $1 } next }
  {
    name = $0; sub(/^[0-9]+ /, "", name)
    if (!(name in allowed)) { printf "%s: not in the table\n", name; failed = 1; next }
    percent = ($1 / allowed[name] - 1) * 100
    is_over = percent > tolerance
    printf "%13s %+6.2f %%  %s%s\n", $1, percent, name, is_over ? ", over the budget" : ""
    if (is_over) failed = 1
  }
  END { exit failed }
' "$table" "$work/counts" ||
  fail "more than $tolerance % over the table; if it is worth that: benches/budget.sh --update
$(head -n 1 "$table" | cut -c3-), here $(rustc --version)"

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
table=benches/budget.txt tolerance=3 many=10000
# Else callgrind counts each byte that glibc clears as an instruction, which a processor does not.
export GLIBC_TUNABLES=glibc.cpu.x86_rep_stosb_threshold=1000000000

fail() { echo "benches/budget.sh: $1" >&2; exit 1; }

cargo build --quiet --release --locked --bin padlock --example verify_floor
cargo build --quiet --profile quick --locked --example demo
padlock=$PWD/target/release/padlock
work=$(mktemp -d)
tenant=
trap 'kill "$tenant" 2>/dev/null || true; rm -rf "$work"' EXIT
. benches/demo.sh
start_demo target/quick/examples/demo "$work/settings" --tls || exit 1
target/release/examples/verify_floor make "$many" "$work/tokens" >/dev/null
head -n 1 "$work/tokens/tokens" >"$work/one"
mkdir "$work/empty"

# Runs padlock in an empty folder and environment, after the words that are put before it. What it
# remembers of servers is in the folder "$cache".
padlock() {
  (cd "$work/empty" && env -i PATH="$PATH" HOME="$work/home" GLIBC_TUNABLES="$GLIBC_TUNABLES" \
    XDG_CACHE_HOME="$cache" "${settings[@]}" "${before[@]}" "$padlock" "$@")
}

# Prints the instructions of a run, which reads the file "$input".
count() {
  local before=(taskset -c 0 valgrind --tool=callgrind --callgrind-out-file=/dev/null --log-file="$work/valgrind") counted
  padlock "$@" <"$input" >/dev/null 2>"$work/said" || { cat "$work/said" >&2; fail "padlock $1 failed"; }
  counted=$(sed -n 's/.*Collected : \([0-9]*\).*/\1/p' "$work/valgrind")
  [ "${counted:-0}" -gt 0 ] || fail 'callgrind counted no instructions'
  echo "$counted"
}

# The same of a login, which has to open that many connections.
count_login() {
  local opened
  count "${sign_in[@]}" --verbose
  opened=$(grep -c '^padlock: connection [0-9]* opened' "$work/said")
  [ "$opened" = "$1" ] || fail "a login opened $opened connections, expected $1"
}

# Prints the line of the table with that name; the rest of the words count it.
row() {
  local counted
  counted=$("${@:2}") || exit 1
  echo "$counted $1"
}

before=() input=/dev/null cache=$work/cache
sign_in=(--email robin@percy.test --password pa55word)
verify=(verify --jwks "$work/tokens/jwks.json" --expect-issuer https://acme.eu.auth0.com/
  --audience https://api.acme.example/)
padlock "${sign_in[@]}" --save >/dev/null 2>&1
{
  row "padlock --version" count --version
  row "padlock --help" count --help
  row "a login on one connection" count_login 1
  # Nothing is remembered of the host there.
  cache=/dev/null
  row "a login on two connections" count_login 2
  cache=$work/cache
  row "padlock token, from a saved session" count token
  input=$work/one
  row "padlock verify, one token" count "${verify[@]}"
  input=$work/tokens/tokens
  row "padlock verify, $many tokens" count "${verify[@]}"
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

#!/usr/bin/env bash
# Counts the instructions of one login over TLS on loopback, and fails if aws-lc seeds its random
# generator by timing the CPU. That takes 400 million instructions; without it a login of a debug
# build takes 62 million. Unlike times, counts do not vary with the load of the machine.
# Needs valgrind.
#
#   benches/seeding.sh
set -euo pipefail
cd "$(dirname "$0")/.."
limit=200000000
cargo build --quiet --bin padlock --example demo
padlock=$PWD/target/debug/padlock
work=$(mktemp -d)
tenant=
trap 'kill "$tenant" 2>/dev/null || true; rm -rf "$work"' EXIT
. benches/demo.sh
start_demo target/debug/examples/demo "$work/settings" --tls || exit 1

fail() { echo "benches/seeding.sh: $1" >&2; exit 1; }

# An empty folder and environment keep the developer's .env and variables out of the login.
mkdir "$work/empty"
(cd "$work/empty" && exec env -i PATH="$PATH" HOME="$work/empty" "${settings[@]}" \
  valgrind --tool=callgrind --callgrind-out-file="$work/calls" \
  "$padlock" --email robin@percy.test --password pa55word >/dev/null 2>"$work/valgrind") ||
  { cat "$work/valgrind" >&2; fail 'the login failed'; }
count=$(sed -n 's/.*Collected : \([0-9]*\).*/\1/p' "$work/valgrind")
[ "${count:-0}" -gt 0 ] || fail 'callgrind counted no instructions'
echo "one login: $count instructions (limit $limit)"
[ "$count" -lt "$limit" ] || fail 'over the limit: aws-lc times the CPU to seed its generator'

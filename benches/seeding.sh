#!/usr/bin/env bash
# Counts the instructions of one login over TLS on loopback, and fails where aws-lc seeds its generator by timing the CPU:
# that takes 400 million, and a login without it 62 million as `cargo build` builds it. Counts, unlike times, are the same
# on a busy machine. Needs valgrind. usage: benches/seeding.sh
set -euo pipefail
cd "$(dirname "$0")/.."
most=200000000
cargo build --quiet --bin padlock --example demo
work=$(mktemp -d)
target/debug/examples/demo --serve --tls >"$work/settings" &
tenant=$!
trap 'kill "$tenant" 2>/dev/null || true; rm -rf "$work"' EXIT
until grep -q '^# its API' "$work/settings"; do sleep 0.1; done
# shellcheck disable=SC1091 # written just now
. "$work/settings"
valgrind --tool=callgrind --callgrind-out-file="$work/calls" \
  target/debug/padlock --email robin@percy.test --password pa55word >/dev/null 2>"$work/valgrind"
count=$(sed -n 's/.*Collected : \([0-9]*\).*/\1/p' "$work/valgrind")
echo "$count instructions; more than $most would mean that the CPU is timed for random numbers"
[ "$count" -gt 0 ] && [ "$count" -lt "$most" ]

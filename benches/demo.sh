# Sourced by scripts that need the demo tenant: starts it, and waits for it.
#
#   . benches/demo.sh
#   start_demo PROGRAM FILE [OPTION]...
#
# Starts PROGRAM (the example demo) with `--serve` and the options. Its output goes to FILE, its
# process ID into `tenant`, and the settings for padlock, NAME=VALUE each, into `settings`. The caller
# ends it. Returns 1 with a message if it is not ready within 60 seconds.
start_demo() {
  local program=$1 file=$2 deadline=$((SECONDS + 60))
  shift 2
  "$program" --serve --port 0 "$@" >"$file" &
  tenant=$!
  # The demo prints this last.
  until grep -qs '^Ten wrong passwords' "$file"; do
    kill -0 "$tenant" 2>/dev/null || { echo 'the demo tenant exited before it was ready' >&2; return 1; }
    [ "$SECONDS" -lt "$deadline" ] || { echo 'the demo tenant was not ready within 60 s' >&2; return 1; }
    sleep 0.1
  done
  mapfile -t settings < <(sed -n 's/^export //p' "$file")
}

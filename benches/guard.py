#!/usr/bin/env python3
"""Measures `padlock guard` on loopback, in one run with what else could do the work.

    benches/guard.py [--seconds 4] [--rounds 2] [--tokens 100000] [--peers DIR] [--soak DECISIONS]

Every server is pinned to one core, and the load (wrk, with 32 connections that are kept) to another:
the same server answering a bare 200 (benches/guard_floor.rs), nginx answering a bare 200, a Node
server with jsonwebtoken or jose, and the guard with tokens that are all new, that it has seen before,
and of 1 to 1,000 issuers. Prints decisions per second, the server's CPU time for each, and latencies.
Then the rate of new tokens from a client that never sleeps, so that the server wakes nothing up
(benches/guard_load.rs), as a share of the crypto library's bare check on the same tokens, each beside
the same server with that check and nothing else. Where other programs disturb the machine, compare
CPU times. Then latencies at half load, the guard's memory over many decisions (--soak), and whether
it serves others beside 10,000 idle connections and 200 slow ones.

--peers DIR where jsonwebtoken and jose are installed (its node_modules); left out otherwise

Needs Linux, two cores, Rust, wrk and nginx (Debian: wrk nginx-light).
"""
import argparse
import http.server
import json
import pathlib
import resource
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
RELEASE = ROOT / "target/release"
PORT, HEALTH, ISSUER_PORT = 18471, 18472, 18473
ISSUER = f"http://127.0.0.1:{ISSUER_PORT}/"
AUDIENCE = "https://api.acme.example/"
SEEN = 500
FASTEST = 45_000  # new tokens per second, more than one core can verify
SERVER_CORE, LOAD_CORE = "0", "1"
MANY, FEW = 128, 32  # connections of the load at random times, and where more comes than can be decided
NGINX = """
worker_processes 1; daemon off; pid %(folder)s/pid; error_log /dev/null;
events { worker_connections 1024; }
http { access_log off; keepalive_requests 100000000;
  server { listen 127.0.0.1:%(port)s; location / { add_header Cache-Control no-store; return 200; } } }
"""


class Issuers(http.server.BaseHTTPRequestHandler):
    """Every issuer's discovery document, and the one key set."""

    protocol_version = "HTTP/1.1"
    keys = b""

    def do_GET(self):
        if self.path == "/keys":
            body = self.keys
        else:
            name = self.path.split("/")[1]
            body = json.dumps({"issuer": ISSUER + name, "jwks_uri": ISSUER + "keys"}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


class Server:
    """A program on the server's core, until the block ends."""

    def __init__(self, *words, ready=f"http://127.0.0.1:{PORT}/"):
        words = ["taskset", "-c", SERVER_CORE, *map(str, words)]
        self.process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 120
        while True:
            try:
                with urllib.request.urlopen(ready, timeout=1):
                    break
            except urllib.error.HTTPError as error:
                if error.code in (401, 403):
                    break
            except OSError:
                pass
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise SystemExit(f"{words} did not start")
            time.sleep(0.05)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def pids(self):
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [self.process.pid, *children.read_text().split()]

    def cpu(self):
        """Seconds of CPU time."""
        total = 0
        for pid in self.pids():
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
        return total / 100

    def memory(self):
        """KiB that are resident."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0])


def guard(issuers):
    words = [RELEASE / "padlock", "guard", "--listen", f"127.0.0.1:{PORT}", "--audience", AUDIENCE]
    words += ["--health-listen", f"127.0.0.1:{HEALTH}", "--no-cache"]
    for number in range(issuers):
        words += ["--issuer", f"{ISSUER}{number}"]
    return Server(*words, ready=f"http://127.0.0.1:{HEALTH}/readyz")


def load(server, tokens, count, seconds, once=False):
    before = server.cpu()
    words = ["taskset", "-c", LOAD_CORE, "wrk", "-t1", "-c32", f"-d{seconds}s", "-s",
             ROOT / "benches/guard.lua", f"http://127.0.0.1:{PORT}/", "--", tokens, count,
             "once" if once else "again"]
    text = subprocess.run(list(map(str, words)), check=True, capture_output=True, text=True).stdout
    result = json.loads(text.strip().splitlines()[-1])
    if result["failed"]:
        raise SystemExit(f"{result['failed']} of {result['requests']} requests failed")
    result["rate"] = result["requests"] / result["us"] * 1e6
    result["cpu"] = (server.cpu() - before) / result["requests"] * 1e6
    return result


def floor(*folder):
    """The same server that answers a bare 200, after a check of the signature if it has the keys."""
    return Server(RELEASE / "examples/guard_floor", f"127.0.0.1:{PORT}", *folder)


def make_tokens(count, issuers):
    folder = ROOT / f"target/bench-guard-{count}-{issuers}"
    tokens = folder / "tokens"
    if not tokens.exists() or sum(1 for _ in tokens.open()) != count:
        words = [RELEASE / "examples/verify_floor", "make", count, folder, ISSUER, issuers]
        subprocess.run(list(map(str, words)), check=True)
    return folder


def nginx(folder):
    (folder / "conf").write_text(NGINX % {"folder": folder, "port": PORT})
    return Server("nginx", "-p", folder, "-c", folder / "conf", "-e", "/dev/null")


def cases(options, scratch):
    """The name of each case, its server, and what it is asked."""
    new, some = make_tokens(options.tokens, 1), make_tokens(SEEN * 20, 1000)
    seen = {"tokens": new / "tokens", "count": SEEN, "seconds": options.seconds}
    yield "bare 200", floor, seen
    yield "nginx, bare 200", lambda: nginx(scratch), seen
    yield "guard, seen before", lambda: guard(1), seen
    # So short that there are always new ones: the rate is of the whole time.
    seconds = max(1, options.tokens // FASTEST)
    once = {**seen, "count": options.tokens, "once": True, "seconds": seconds}
    yield "guard, all new", lambda: guard(1), once
    for issuers in (1, 10, 100, 1000):
        tokens = make_tokens(SEEN * 20, issuers) / "tokens"
        many = {**seen, "tokens": tokens, "count": 2000}
        yield f"guard, {issuers} issuers", lambda issuers=issuers: guard(issuers), many
    for library in ("jsonwebtoken", "jose"):
        package = options.peers and options.peers.resolve() / "node_modules" / library
        if package and package.exists():
            words = ["node", ROOT / "benches/peers/guard.mjs", package, new, f"{ISSUER}0", AUDIENCE, PORT]
            yield f"node, {library}", lambda words=words: Server(*words), seen


def compare(options, scratch):
    best = {}
    for _ in range(options.rounds):
        for name, start, work in cases(options, scratch):
            with start() as server:
                if not work.get("once"):
                    load(server, work["tokens"], work["count"], 1)
                result = load(server, **work)
            known = best.setdefault(name, result)
            known["rate"] = max(known["rate"], result["rate"])
            for figure in ("cpu", "p50", "p99"):
                known[figure] = min(known[figure], result[figure])
    bare = best["bare 200"]
    print(f"{'':22} {'per second':>11} {'of bare 200':>12} {'µs of CPU':>10} {'of bare 200':>12} {'p50 µs':>7} {'p99 µs':>7}")
    for name, one in best.items():
        print(f"{name:22} {one['rate']:11.0f} {one['rate'] / bare['rate']:12.0%} {one['cpu']:10.1f}"
              f" {bare['cpu'] / one['cpu']:12.0%} {one['p50']:7} {one['p99']:7}")
    return best


def new_tokens(options, best):
    """The rate of new tokens, where more come than the server can decide on. Each round measures all, one
    after the other."""
    folder = make_tokens(options.tokens, 1)
    words = ["taskset", "-c", SERVER_CORE, RELEASE / "examples/verify_floor", "floor", folder, 1]
    checks, rates = [], {}
    for _ in range(options.rounds):
        text = subprocess.check_output(list(map(str, words)), text=True)
        checks.append(1e6 / float(text.split()[0]))
        for title, start in (("bare 200 and the check", lambda: floor(folder)), ("guard, all new", lambda: guard(1))):
            with start() as server:
                seconds = max(1, options.tokens // FASTEST)
                one = random_load(server, folder / "tokens", options.tokens, FASTEST, seconds, FEW)
            rates.setdefault(title, []).append(one["requests"] / one["us"] * 1e6)
    print(f"the crypto library's bare check: {max(checks):.0f} per second, {1e6 / max(checks):.1f} µs")
    for title, some in rates.items():
        shares = sorted(rate / check for rate, check in zip(some, checks))
        print(f"{title}, from a client that never sleeps: {max(some):.0f} per second, {max(some) / max(checks):.0%} "
              f"of that (in one round {shares[0]:.0%} to {shares[-1]:.0%})")
    best["guard, all new"]["rate"] = max(rates["guard, all new"])


def random_load(server, tokens, count, rate, seconds, connections=MANY):
    before = server.cpu()
    words = ["taskset", "-c", LOAD_CORE, RELEASE / "examples/guard_load", f"127.0.0.1:{PORT}", tokens, count,
             rate, seconds, connections]
    result = json.loads(subprocess.check_output(list(map(str, words)), text=True))
    if result["failed"]:
        raise SystemExit(f"{result['failed']} of {result['requests']} requests failed")
    return {**result, "cpu": (server.cpu() - before) / result["requests"] * 1e6}


def half_load(options, best):
    """Latencies where requests come at random times, half as many as the guard can decide on; and those
    of the bare servers under the same load. All rounds, since others use the machine."""
    folder = make_tokens(options.tokens, 1)
    tokens = folder / "tokens"
    for name, count in (("guard, seen before", SEEN), ("guard, all new", options.tokens)):
        rate = int(best[name]["rate"] / 2)
        seconds = options.seconds if count == SEEN else min(options.seconds, options.tokens // rate)
        servers = {name: lambda: guard(1), "bare 200": floor}
        if count != SEEN:
            servers["bare 200 and the check"] = lambda: floor(folder)
        results = {title: [] for title in servers}
        for _ in range(options.rounds):
            for title, start in servers.items():
                with start() as server:
                    if count == SEEN:
                        load(server, tokens, count, 1)
                    results[title].append(random_load(server, tokens, count, rate, seconds))
        for title, some in results.items():
            cpu, p50, p99 = (sorted(one[what] for one in some) for what in ("cpu", "p50", "p99"))
            print(f"half load, {title}: {rate} per second, {cpu[0]:.1f} µs of CPU, p50 {p50} µs, p99 {p99} µs")


def soak(options):
    tokens = make_tokens(options.tokens, 1) / "tokens"
    with guard(1) as server:
        done = 0
        while done < options.soak:
            done += load(server, tokens, options.tokens, 10)["requests"]
            print(f"after {done} decisions: {server.memory()} KiB", flush=True)


def crowd(options):
    """10,000 idle connections, and 200 that send one byte at a time."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    tokens = make_tokens(options.tokens, 1) / "tokens"
    with guard(1) as server:
        alone = load(server, tokens, SEEN, options.seconds)
        empty = server.memory()
        idle = [socket.create_connection(("127.0.0.1", PORT)) for _ in range(10_000)]
        slow = [socket.create_connection(("127.0.0.1", PORT)) for _ in range(200)]
        is_over = threading.Event()

        def trickle():
            while not is_over.wait(0.1):
                for one in slow:
                    try:
                        one.send(b"G")
                    except OSError:
                        pass

        thread = threading.Thread(target=trickle)
        thread.start()
        time.sleep(1)
        beside = load(server, tokens, SEEN, options.seconds)
        is_over.set()
        thread.join()
        each = (server.memory() - empty) / (len(idle) + len(slow))
        print(f"beside {len(idle)} idle and {len(slow)} slow connections: {beside['rate']:.0f} per second "
              f"({beside['rate'] / alone['rate']:.0%} of alone), p99 {beside['p99']} µs, {each:.1f} KiB for each")
        for one in idle + slow:
            one.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--tokens", type=int, default=100_000)
    parser.add_argument("--peers", type=pathlib.Path)
    parser.add_argument("--soak", type=int, default=1_000_000, metavar="DECISIONS")
    options = parser.parse_args()
    for tool in ("wrk", "nginx"):
        if not shutil.which(tool):
            raise SystemExit(f"benches/guard.py needs {tool}")
    cargo = ["cargo", "build", "--quiet", "--release", "--bin", "padlock"]
    subprocess.run([*cargo, "--example", "guard_floor", "--example", "guard_load",
                    "--example", "verify_floor"], cwd=ROOT, check=True)
    Issuers.keys = (make_tokens(options.tokens, 1) / "jwks.json").read_bytes()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", ISSUER_PORT), Issuers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as scratch:
        best = compare(options, pathlib.Path(scratch))
    new_tokens(options, best)
    half_load(options, best)
    crowd(options)
    soak(options)


main()

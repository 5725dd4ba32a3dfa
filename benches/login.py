#!/usr/bin/env python3
"""Times a login by padlock against the same work by other means: whole processes, in turn, on one machine.

    benches/login.py [--rounds 20] [--delay MS] [--peers DIR] [--prompt]

Builds padlock as it is shipped (profile `dist`), starts the tenant of the demo with TLS on loopback, and runs each
program in turn, round after round, so that a machine that grows slower hits all alike. Every program trusts the system's
roots and the tenant's; the floor is benches/login_floor.rs. The tenant signs the tokens anew for each login, which takes it
half a millisecond. Prints medians of wall time, CPU time and peak memory, and their ratios to padlock's.

--delay MS  holds every byte back for so many milliseconds in each direction, and the first of each connection for one round
            trip more, as the TCP handshake would
--peers DIR the folder for what the peers need (a virtual environment, node_modules, the Go program); made if missing,
            from PyPI and npm. What cannot be had (no node, no go) is left out.
--prompt    also times padlock from Enter to the table, at a terminal, with a password that is typed

Needs Linux, Python 3.9, curl, a Rust toolchain.
"""
import argparse
import asyncio
import json
import os
import pathlib
import pty
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUNDLE = pathlib.Path("/etc/ssl/certs/ca-certificates.crt")
ACCOUNT = {"PADLOCK_EMAIL": "robin@percy.test", "PADLOCK_PASSWORD": "pa55word"}


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rounds", type=int, default=20)
    arguments.add_argument("--delay", type=float, default=0.0)
    arguments.add_argument("--peers", type=pathlib.Path, default=ROOT / "target" / "peers")
    arguments.add_argument("--prompt", action="store_true")
    options = arguments.parse_args()
    padlock = build()
    with tempfile.TemporaryDirectory() as folder:
        way = LongWay(options.delay / 1e3) if options.delay else None
        tenant, settings = start_tenant(way)
        try:
            environment = surroundings(settings, pathlib.Path(folder))
            floor = padlock.parent / "examples" / "login_floor"
            programs = {"padlock": [str(padlock)], "the floor, raw TLS": [str(floor)], **peers(options.peers, environment, pathlib.Path(folder))}
            show(measure(programs, environment, options.rounds), "whole processes")
            show(measure({"padlock --version": [str(padlock), "--version"], "true": ["/bin/true"]}, environment, options.rounds), "start-up")
            if options.prompt:
                typed(padlock, environment, options.rounds)
            counts(padlock, environment)
        finally:
            tenant.terminate()


def build():
    """padlock as it is shipped, the floor, and the tenant."""
    dist = ["--profile", "dist"]
    for what in ([*dist, "--bin", "padlock"], [*dist, "--example", "login_floor"], ["--release", "--example", "demo"]):
        subprocess.run(["cargo", "build", "--quiet", *what], cwd=ROOT, check=True)
    return ROOT / "target" / "dist" / "padlock"


def start_tenant(way):
    command = [str(ROOT / "target" / "release" / "examples" / "demo"), "--serve", "--tls"]
    tenant = subprocess.Popen(command + (["--issuer", way.url] if way else []), stdout=subprocess.PIPE, text=True)
    settings = {}
    for line in tenant.stdout:
        if line.startswith("export "):
            name, value = line[len("export "):].strip().split("=", 1)
            settings[name] = value
        if "PADLOCK_CA_FILE" in settings:
            if way:
                way.lead_to(settings["AUTH0_DOMAIN"])
                settings["AUTH0_DOMAIN"] = way.url
            return tenant, settings
    sys.exit("the tenant did not start")


def surroundings(settings, folder):
    """The environment of every program: the settings, and one bundle with the system's roots and the tenant's."""
    bundle = folder / "bundle.pem"
    system = BUNDLE.read_text() if BUNDLE.exists() else ""
    bundle.write_text(system + pathlib.Path(settings["PADLOCK_CA_FILE"]).read_text())
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environment.update(settings, **ACCOUNT)
    environment.update(SSL_CERT_FILE=str(bundle), REQUESTS_CA_BUNDLE=str(bundle))
    environment["NODE_EXTRA_CA_CERTS"] = environment.pop("PADLOCK_CA_FILE")
    return environment


def peers(folder, environment, scratch):
    """The other programs that can be had here."""
    here = ROOT / "benches" / "peers"
    folder.mkdir(parents=True, exist_ok=True)
    found = {}
    if shutil.which("curl"):
        body = scratch / "body.json"
        body.write_text(json.dumps({
            "grant_type": "password", "username": environment["PADLOCK_EMAIL"], "password": environment["PADLOCK_PASSWORD"],
            "scope": "openid profile email", "client_id": environment["AUTH0_CLIENT_ID"],
            "client_secret": environment["AUTH0_CLIENT_SECRET"],
        }))
        found["curl, the token request alone"] = [
            "curl", "-sS", "--fail", "--cacert", environment["SSL_CERT_FILE"], "-H", "content-type: application/json",
            "-d", f"@{body}", environment["AUTH0_DOMAIN"] + "oauth/token",
        ]
    python = folder / "venv" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", "requests", "pyjwt[crypto]"], check=True)
    found["Python, requests and PyJWT"] = [str(python), str(here / "login.py")]
    if shutil.which("npm"):
        if not (folder / "node_modules" / "jose").exists():
            subprocess.run(["npm", "install", "--silent", "--prefix", str(folder), "jose"], check=True)
        shutil.copy(here / "login.mjs", folder / "login.mjs")
        found["Node, fetch and jose"] = ["node", str(folder / "login.mjs")]
    if shutil.which("go"):
        program = folder / "login-go"
        subprocess.run(["go", "build", "-o", str(program), str(here / "login.go")], check=True, env={**os.environ, "GO111MODULE": "off"})
        found["Go, net/http"] = [str(program)]
        found["Go, the key set last"] = [str(program), "in turn"]
    return found


def measure(programs, environment, rounds):
    """Wall ms, CPU ms and peak MiB of every run, the first two rounds left out. The peak takes runs of its own, three."""
    results = {name: [] for name in programs}
    for number in range(rounds + 2):
        for name, command in programs.items():
            figures = once(name, command, environment)
            if number >= 2:
                results[name].append((*figures, peak(command, environment) if number < 5 else 0))
    return results


def peak(command, environment):
    """Peak MiB, as the kernel tells until the process ends: what it tells afterwards counts the parent, too."""
    # Popen returns once the program is loaded, with a memory of its own.
    child = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    highest = 0
    while child.poll() is None:
        try:
            status = pathlib.Path(f"/proc/{child.pid}/status").read_text()
        except OSError:
            break
        found = [int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM")]
        highest = max([highest, *found])
    child.wait()
    return highest


def once(name, command, environment):
    quiet = [(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0), (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    started = time.perf_counter()
    child = os.posix_spawnp(command[0], command, environment, file_actions=quiet)
    _, status, usage = os.wait4(child, 0)
    wall = time.perf_counter() - started
    if status:
        sys.exit(f"{name} failed: {command}")
    return wall * 1e3, (usage.ru_utime + usage.ru_stime) * 1e3


def show(results, what):
    print(f"\n| {what} | wall ms min/median/max | ratio | CPU ms, median | ratio | peak MiB |\n|---|---|---|---|---|---|")
    first = None
    for name, runs in results.items():
        wall, cpu, memory = zip(*runs)
        middle = statistics.median(wall), statistics.median(cpu)
        first = first or middle
        print(f"| {name} | {min(wall):.2f}/{middle[0]:.2f}/{max(wall):.2f} | {middle[0] / first[0]:.2f} "
              f"| {middle[1]:.2f} | {middle[1] / first[1]:.2f} | {max(memory):.1f} |")


def typed(padlock, environment, rounds):
    """From Enter to the end of the table, with the connection warm."""
    times = []
    without = {name: value for name, value in environment.items() if name != "PADLOCK_PASSWORD"}
    for _ in range(rounds):
        child, terminal = pty.fork()
        if child == 0:
            os.execve(padlock, [str(padlock)], without)
        while b"Password for" not in os.read(terminal, 4096):
            pass
        time.sleep(0.5)
        started = time.perf_counter()
        os.write(terminal, ACCOUNT["PADLOCK_PASSWORD"].encode() + b"\n")
        try:
            while os.read(terminal, 4096):
                pass
        except OSError:
            pass
        times.append((time.perf_counter() - started) * 1e3)
        if os.waitpid(child, 0)[1]:
            sys.exit("padlock failed at the prompt")
    print(f"\nfrom Enter to the table: {min(times):.2f}/{statistics.median(times):.2f}/{max(times):.2f} ms (min/median/max)")


def counts(padlock, environment):
    told = subprocess.run([str(padlock), "-v"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=True)
    print("\none login with -v:\n\n" + told.stderr)


class LongWay:
    """A proxy for TCP that makes the way to the tenant long."""

    def __init__(self, delay):
        self.delay = delay
        # With its protocol named: asyncio leaves Nagle's algorithm on for sockets of protocol 0, which adds 40 ms here and there.
        self.listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen()
        self.url = f"https://127.0.0.1:{self.listener.getsockname()[1]}/"

    def lead_to(self, tenant):
        self.tenant = urllib.parse.urlsplit(tenant)
        threading.Thread(target=lambda: asyncio.run(self.serve()), daemon=True).start()

    async def serve(self):
        server = await asyncio.start_server(self.accepted, sock=self.listener)
        await server.serve_forever()

    async def accepted(self, reader, writer):
        far_reader, far_writer = await asyncio.open_connection(self.tenant.hostname, self.tenant.port)
        # What the client sends first would have had to wait for the handshake.
        there = held(reader, far_writer, self.delay, 2 * self.delay)
        await asyncio.gather(there, held(far_reader, writer, self.delay, 0))


async def held(reader, writer, delay, first):
    """Passes bytes on, each so many seconds after it came."""
    loop = asyncio.get_running_loop()
    queue = asyncio.Queue()

    async def take():
        extra = first
        while data := await reader.read(65536):
            await queue.put((loop.time() + delay + extra, data))
            extra = 0
        await queue.put((loop.time() + delay, b""))

    taking = asyncio.create_task(take())
    try:
        while True:
            due, data = await queue.get()
            await asyncio.sleep(max(0, due - loop.time()))
            if not data:
                break
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        taking.cancel()
        writer.close()


if __name__ == "__main__":
    main()

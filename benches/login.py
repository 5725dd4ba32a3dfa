#!/usr/bin/env python3
"""Times a login by padlock and by other programs that do the same work.

    benches/login.py [--rounds 20] [--delay MS] [--peers DIR] [--prompt]

Builds padlock with the `release` profile, starts the demo's tenant with TLS on loopback, and runs each
program in turn, round after round, so that a change in the machine's speed affects all alike. Every
run is a whole process. All programs trust the system's roots and the tenant's; the floor is
benches/login_floor.rs. The tenant takes half a millisecond of each login to sign new tokens. Prints
the median wall and CPU time of each program, their ratios to padlock's, and the highest peak memory
of three runs.

--delay MS  delay all data by MS milliseconds in each direction, and the first data of a connection
            by one more round trip, as the TCP handshake would
--peers DIR where the other programs are installed, from PyPI and npm (a virtual environment,
            node_modules, the Go program); created if missing. Node and Go are optional.
--prompt    also time padlock at a terminal, from Enter after the typed password, which comes 50 ms
            after the prompt, to the table

Needs Linux, Python 3.9, curl and Rust.
"""
import argparse
import os
import pathlib
import pty
import statistics
import subprocess
import sys
import tempfile
import time

from delay_proxy import DelayProxy
from login_peers import peers

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUNDLE = pathlib.Path("/etc/ssl/certs/ca-certificates.crt")
ACCOUNT = {"PADLOCK_EMAIL": "robin@percy.test", "PADLOCK_PASSWORD": "pa55word"}
WARM_UP_ROUNDS = 2
MEMORY_ROUNDS = 3
# Some machines take idle memory away within half a second: fetching it back would be measured.
PAUSE_AT_PROMPT = 0.05


def main():
    options = parse_arguments()
    padlock = build()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        proxy = DelayProxy(options.delay / 1e3) if options.delay else None
        tenant, settings = start_tenant(proxy)
        try:
            environment = program_environment(settings, folder)
            logins = {
                "padlock": [str(padlock)],
                "the floor, raw TLS": [str(padlock.parent / "examples" / "login_floor")],
                **peers(options.peers, ROOT / "benches" / "peers", environment, folder),
            }
            start_up = {"padlock --version": [str(padlock), "--version"], "true": ["/bin/true"]}
            print_table("login", measure(logins, environment, options.rounds))
            print_table("start-up", measure(start_up, environment, options.rounds))
            if options.prompt:
                time_prompt(padlock, environment, options.rounds)
            print_request_log(padlock, environment)
        finally:
            tenant.terminate()


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--delay", type=float, default=0.0)
    parser.add_argument("--peers", type=pathlib.Path, default=ROOT / "target" / "peers")
    parser.add_argument("--prompt", action="store_true")
    return parser.parse_args()


def build():
    release = ["--release"]
    for target in (
        [*release, "--bin", "padlock"],
        [*release, "--example", "login_floor"],
        ["--profile", "quick", "--example", "demo"],
    ):
        subprocess.run(["cargo", "build", "--quiet", *target], cwd=ROOT, check=True)
    return ROOT / "target" / "release" / "padlock"


def start_tenant(proxy):
    command = [str(ROOT / "target" / "quick" / "examples" / "demo"), "--serve", "--tls", "--port", "0"]
    if proxy:
        command += ["--issuer", proxy.url]
    tenant = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    settings = {}
    for line in tenant.stdout:
        if line.startswith("export "):
            name, value = line[len("export "):].strip().split("=", 1)
            settings[name] = value
        if "PADLOCK_CA_FILE" in settings:
            if proxy:
                proxy.forward_to(settings["AUTH0_DOMAIN"])
                settings["AUTH0_DOMAIN"] = proxy.url
            return tenant, settings
    sys.exit("the tenant did not start")


def program_environment(settings, folder):
    """The settings, and a bundle of the system's and the tenant's roots."""
    bundle = folder / "bundle.pem"
    system = BUNDLE.read_text() if BUNDLE.exists() else ""
    bundle.write_text(system + pathlib.Path(settings["PADLOCK_CA_FILE"]).read_text())
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environment.update(settings, **ACCOUNT)
    environment.update(SSL_CERT_FILE=str(bundle), REQUESTS_CA_BUNDLE=str(bundle))
    environment["NODE_EXTRA_CA_CERTS"] = environment.pop("PADLOCK_CA_FILE")
    return environment


def measure(programs, environment, rounds):
    """Wall ms, CPU ms and peak MiB of each run; the peak is 0 where it was not measured."""
    results = {name: [] for name in programs}
    for number in range(-WARM_UP_ROUNDS, rounds):
        for name, command in programs.items():
            times = run_once(name, command, environment)
            if number >= 0:
                peak = peak_memory(command, environment) if number < MEMORY_ROUNDS else 0
                results[name].append((*times, peak))
    return results


def peak_memory(command, environment):
    """Peak MiB of a run of its own, polled: after exit the kernel's figure includes the parent."""
    # Popen returns only after exec, when the memory is the program's own.
    child = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    highest = 0
    while child.poll() is None:
        try:
            status = pathlib.Path(f"/proc/{child.pid}/status").read_text()
        except OSError:
            break
        peaks = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
        highest = max([highest, *(int(kib) / 1024 for kib in peaks)])
    child.wait()
    return highest


def run_once(name, command, environment):
    quiet = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
    ]
    started = time.perf_counter()
    child = os.posix_spawnp(command[0], command, environment, file_actions=quiet)
    _, status, usage = os.wait4(child, 0)
    wall = time.perf_counter() - started
    if status:
        sys.exit(f"{name} failed: {command}")
    return wall * 1e3, (usage.ru_utime + usage.ru_stime) * 1e3


def print_table(title, results):
    columns = "wall ms, min/median/max | ratio | CPU ms, median | ratio | peak MiB, max"
    print(f"\n| {title} | {columns} |\n|---|---|---|---|---|---|")
    first = None
    for name, runs in results.items():
        wall, cpu, memory = zip(*runs)
        medians = statistics.median(wall), statistics.median(cpu)
        first = first or medians
        wall_ratio, cpu_ratio = medians[0] / first[0], medians[1] / first[1]
        print(f"| {name} | {min(wall):.2f}/{medians[0]:.2f}/{max(wall):.2f} | {wall_ratio:.2f} "
              f"| {medians[1]:.2f} | {cpu_ratio:.2f} | {max(memory):.1f} |")


def time_prompt(padlock, environment, rounds):
    """From Enter to the end of the table, with the connection already open."""
    times = []
    prompted = {name: value for name, value in environment.items() if name != "PADLOCK_PASSWORD"}
    for _ in range(rounds):
        child, terminal = pty.fork()
        if child == 0:
            os.execve(padlock, [str(padlock)], prompted)
        while b"Password for" not in os.read(terminal, 4096):
            pass
        time.sleep(PAUSE_AT_PROMPT)
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
    median = statistics.median(times)
    figures = f"{min(times):.2f}/{median:.2f}/{max(times):.2f}"
    print(f"\nfrom Enter to the table, ms, min/median/max: {figures}")


def print_request_log(padlock, environment):
    run = subprocess.run(
        [str(padlock), "-v"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        text=True, check=True,
    )
    print("\none login with -v:\n\n" + run.stderr)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Compares `padlock token` of a stored token with `padlock --version`: whole process, from start to
end, by the median of many runs that take turns. Needs a build with the profile release.

    benches/stored_token.py [RUNS]
"""
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

root = Path(__file__).resolve().parent.parent
padlock = root / "target/release/padlock"
demo = root / "target/release/examples/demo"
runs = int(sys.argv[1]) if len(sys.argv) > 1 else 500


def seconds(arguments, environment, folder):
    started = time.perf_counter()
    subprocess.run([padlock, *arguments], env=environment, cwd=folder, check=True,
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


with tempfile.TemporaryDirectory() as folder:
    tenant = subprocess.Popen([demo, "--serve", "--port", "0"], stdout=subprocess.PIPE, text=True)
    try:
        settings = {}
        for line in tenant.stdout:
            if line.startswith("export "):
                name, value = line.removeprefix("export ").strip().split("=", 1)
                settings[name] = value
            elif settings:
                break
        environment = {"HOME": folder, "PATH": os.environ["PATH"], **settings}
        login = ["--email", "robin@percy.test", "--password", "pa55word", "--save"]
        seconds(login, environment, folder)
        times = {"--version": [], "token": []}
        for _ in range(runs):
            for argument, measured in times.items():
                measured.append(seconds([argument], environment, folder))
    finally:
        tenant.kill()
medians = {name: statistics.median(measured) for name, measured in times.items()}
for name, median in medians.items():
    print(f"padlock {name}: {median * 1000:.2f} ms (median of {runs})")
print(f"ratio {medians['token'] / medians['--version']:.2f}")

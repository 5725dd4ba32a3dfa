#!/usr/bin/env python3
"""Times the end of a sign-in with a browser, from the browser's return to the printed table.

    benches/callback.py [--rounds 20] [--delay 25]

Builds padlock with the `dist` profile and starts the demo's tenant with TLS on loopback, all of its
data delayed by --delay milliseconds in each direction. Takes the browser's place at the login page,
then measures from the request for the redirect address until padlock has printed. Beside it, in the
same rounds and over the same line: one request of a client whose connection is open. The contract
is one round trip and 5 ms. Prints the minimum and the median of each in milliseconds.
"""
import argparse
import http.client
import json
import pathlib
import re
import ssl
import statistics
import subprocess
import tempfile
import time
import urllib.parse

from delay_proxy import DelayProxy
from login import ACCOUNT, build, program_environment, start_tenant

PAGE = {"username": ACCOUNT["PADLOCK_EMAIL"], "password": ACCOUNT["PADLOCK_PASSWORD"], "code": "123456"}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--delay", type=float, default=25.0)
    options = parser.parse_args()
    padlock = build()
    proxy = DelayProxy(options.delay / 1e3)
    tenant, settings = start_tenant(proxy)
    try:
        with tempfile.TemporaryDirectory() as folder:
            environment = program_environment(settings, pathlib.Path(folder))
            trust = ssl.create_default_context(cafile=environment["SSL_CERT_FILE"])
            times = [sign_in(padlock, environment, trust) for _ in range(options.rounds)]
    finally:
        tenant.terminate()
    for name, values in zip(("one request", "callback to table"), zip(*times)):
        print(f"{name:20} min {min(values) * 1e3:6.1f}  median {statistics.median(values) * 1e3:6.1f}")


def sign_in(padlock, environment, trust):
    """Seconds of one request, and from the return to the table."""
    command = [str(padlock), "--browser", "--no-open", "--error-format", "json"]
    login = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    address = urllib.parse.urlsplit(json.loads(login.stderr.readline())["browser"]["address"])
    tenant = http.client.HTTPSConnection(address.netloc, context=trust)
    back = urllib.parse.urlsplit(return_address(tenant, f"{address.path}?{address.query}"))
    started = time.perf_counter()
    tenant.request("GET", "/.well-known/openid-configuration")
    tenant.getresponse().read()
    one_request = time.perf_counter() - started
    started = time.perf_counter()
    browser = http.client.HTTPConnection(back.netloc)
    browser.request("GET", f"{back.path}?{back.query}")
    browser.getresponse().read()
    browser.close()
    printed = login.stdout.readline()
    to_table = time.perf_counter() - started
    login.communicate()
    if login.returncode != 0 or not printed:
        raise SystemExit("padlock did not sign in")
    return one_request, to_table


def return_address(tenant, path):
    """Fills in the login pages; returns where the last one redirects to."""
    tenant.request("GET", path)
    while True:
        response = tenant.getresponse()
        page = response.read().decode()
        if location := response.getheader("Location"):
            return location
        inputs = re.findall(r'<input [^>]*?name="(\w+)"[^>]*?value="([^"]*)"', page)
        buttons = re.findall(r'<button name="(\w+)" value="(\w+)"', page)[:1]
        fields = {name: PAGE.get(name, value) for name, value in inputs + buttons}
        body = urllib.parse.urlencode(fields)
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        tenant.request("POST", urllib.parse.urlsplit(path).path, body, headers)


if __name__ == "__main__":
    main()

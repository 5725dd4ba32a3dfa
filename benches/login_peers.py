"""The programs that padlock's login is compared with."""
import json
import os
import shutil
import subprocess
import sys


def peers(folder, sources, environment, scratch):
    """The commands of the programs, by name; those that need installing go to `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    return {
        **curl(environment, scratch),
        **python(folder, sources),
        **node(folder, sources),
        **go(folder, sources),
    }


def curl(environment, scratch):
    if not shutil.which("curl"):
        return {}
    body = scratch / "body.json"
    body.write_text(json.dumps({
        "grant_type": "password",
        "username": environment["PADLOCK_EMAIL"],
        "password": environment["PADLOCK_PASSWORD"],
        "scope": "openid profile email",
        "client_id": environment["AUTH0_CLIENT_ID"],
        "client_secret": environment["AUTH0_CLIENT_SECRET"],
    }))
    return {"curl, token request only": [
        "curl", "-sS", "--fail", "--cacert", environment["SSL_CERT_FILE"],
        "-H", "content-type: application/json", "-d", f"@{body}",
        environment["AUTH0_DOMAIN"] + "oauth/token",
    ]}


def python(folder, sources):
    interpreter = folder / "venv" / "bin" / "python"
    if not interpreter.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
        install = [str(interpreter), "-m", "pip", "install", "--quiet"]
        subprocess.run([*install, "requests", "pyjwt[crypto]"], check=True)
    return {"Python, requests and PyJWT": [str(interpreter), str(sources / "login.py")]}


def node(folder, sources):
    if not shutil.which("npm"):
        return {}
    if not (folder / "node_modules" / "jose").exists():
        subprocess.run(["npm", "install", "--silent", "--prefix", str(folder), "jose"], check=True)
    shutil.copy(sources / "login.mjs", folder / "login.mjs")
    return {"Node, fetch and jose": ["node", str(folder / "login.mjs")]}


def go(folder, sources):
    if not shutil.which("go"):
        return {}
    program = folder / "login-go"
    build = ["go", "build", "-o", str(program), str(sources / "login.go")]
    subprocess.run(build, check=True, env={**os.environ, "GO111MODULE": "off"})
    return {
        "Go, net/http": [str(program)],
        "Go, requests in sequence": [str(program), "in sequence"],
    }

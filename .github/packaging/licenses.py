"""Prints the licenses of all crates that are linked into padlock, each text once."""

import json
import pathlib
import re
import subprocess

NAMES = re.compile(r"(licen[cs]e|copying|copyright|notice|unlicense)", re.IGNORECASE)


def linked_packages():
    """The packages that the program is built from, without build and test dependencies."""
    command = ["cargo", "metadata", "--locked", "--format-version", "1"]
    metadata = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    packages = {package["id"]: package for package in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    found, waiting = set(), [metadata["resolve"]["root"]]
    while waiting:
        package = waiting.pop()
        if package in found:
            continue
        found.add(package)
        for dependency in nodes[package]["deps"]:
            if any(kind["kind"] is None for kind in dependency["dep_kinds"]):
                waiting.append(dependency["pkg"])
    found.discard(metadata["resolve"]["root"])
    return sorted((packages[package] for package in found), key=lambda one: (one["name"], one["version"]))


def license_files(package):
    folder = pathlib.Path(package["manifest_path"]).parent
    return sorted(file for file in folder.iterdir() if file.is_file() and NAMES.match(file.name))


def main():
    texts = {}
    print("padlock contains these crates, under these licenses:\n")
    for package in linked_packages():
        name = f"{package['name']} {package['version']}"
        print(f"{name}: {package['license'] or 'see its text'}")
        for file in license_files(package):
            text = file.read_text(encoding="utf-8", errors="replace").strip()
            texts.setdefault(text, []).append(name)
    for text, names in texts.items():
        line = "=" * 80
        print(f"\n{line}\n{', '.join(names)}\n{line}\n\n{text}")


main()

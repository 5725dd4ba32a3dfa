"""Compares padlock's verdicts with those of other libraries; arguments: PROGRAM COUNT SEED."""

import json
import subprocess
import sys
import tempfile
import time
from collections import Counter

from keys import Key
from peers import JoseRfc, PyJwt, padlock_settings
from rules import explanation
from tokens import Mutator

BATCH = 5000


def make_keys() -> dict[str, Key]:
    return {"RS256": Key.rsa("r", "RS256"), "PS256": Key.rsa("p", "PS256"), "ES256": Key.ec("e", "ES256"),
            "ES384": Key.ec("f", "ES384"), "ES512": Key.ec("g", "ES512"), "EdDSA": Key.ed25519("d")}


def verdicts(program: str, arguments: list[str], tokens: list[bytes]) -> list[bool]:
    """padlock's verdict on each token, in order."""
    command = [program, "verify", *arguments]
    # A single line is no stream, so that a last one that is not checked follows.
    lines = b"\n".join([*tokens, b"end"]) + b"\n"
    done = subprocess.run(command, input=lines, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    read = [json.loads(line)["valid"] for line in done.stdout.split(b"\n") if line]
    if len(read) != len(tokens) + 1:
        sys.exit(f"{len(read)} verdicts for {len(tokens) + 1} lines: {done.stderr.decode()}")
    return read[:-1]


def main() -> None:
    program, count, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    keys, stranger = make_keys(), make_keys()
    peers = [PyJwt(keys), JoseRfc(keys)]
    arguments, key_set = padlock_settings(keys)
    accepted, rules, unexplained, stricter = Counter(), Counter(), [], Counter()
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        file.write(key_set)
        file.flush()
        mutator = Mutator(seed, int(time.time()), keys, stranger)
        for start in range(0, count, BATCH):
            now = int(time.time())
            mutator.now = now
            made = [mutator.token() for _ in range(min(BATCH, count - start))]
            own = verdicts(program, ["--jwks", file.name, *arguments], [token for _, token in made])
            for (done, token), is_valid in zip(made, own):
                accepted["padlock"] += is_valid
                for peer in peers:
                    reason = peer.refuses(token, now)
                    accepted[peer.name] += reason is None
                    stricter[peer.name] += reason is None and not is_valid
                    if is_valid and reason is not None:
                        rule = explanation(reason, token)
                        rules[rule] += rule is not None
                        if rule is None:
                            unexplained.append((peer.name, reason, done, token.decode(errors="replace")))
    report(count, seed, accepted, stricter, rules, unexplained)


def report(count, seed, accepted, stricter, rules, unexplained) -> None:
    print(f"{count} tokens, seed {seed}; accepted: " + ", ".join(f"{k} {v}" for k, v in accepted.items()))
    for peer, number in stricter.items():
        print(f"accepted by {peer}, refused by padlock: {number}")
    for rule, number in rules.items():
        if rule is not None:
            print(f"accepted by padlock by a listed rule: {number} × {rule}")
    for peer, reason, done, token in unexplained[:20]:
        print(f"{peer} refuses what padlock accepts: {reason}\n  changes: {done}\n  {token}")
    print(f"without an explanation: {len(unexplained)}")
    if unexplained or not accepted["padlock"]:
        sys.exit(1)


if __name__ == "__main__":
    main()

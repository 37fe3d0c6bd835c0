#!/usr/bin/env python3
"""Sends messages through every generation of QQ, over UDP and TCP, over a lossy network and through a server that is
killed. Every message must come once, in order. UHOH_CRASH_ALL=1 makes all four runs with every generation instead of
with the first only; see delivery.py for longer runs.
"""

import os
import sys

import delivery
from delivery import KILLS, LOSSY, PACED

GENERATIONS = ("A", "A'", "B", "C", "D")
# All users are in one network, and each step of a log-in over UDP is an answer to a stranger.
SETTINGS = ("qq.resend=200ms", "qq.transmissions=12", "limits.strangers_per_network=100000", "limits.strangers_in_all=100000")


def run(name, scenario, generation, transport, kills, *options):
    return delivery.run(f"{generation}: {name}", scenario, "qq", transport, kills, "--generation", generation,
                        "--transmissions", "12", *options, settings=SETTINGS, account=("--qq",))


def main():
    results = []
    for generation in GENERATIONS:
        results.append(run("messages over a lossy network while the server is killed", "messages", generation, "udp", KILLS,
                           "--loss", "10", "--duplicate", "5", *PACED))
        if generation != "A" and not os.environ.get("UHOH_CRASH_ALL"):
            continue
        results += [
            run("messages over a lossy network", "messages", generation, "udp", 0, *LOSSY),
            run("messages over TCP while the server is killed", "messages", generation, "tcp", KILLS, *PACED),
            run("messages for users who are offline while the server is killed", "offline", generation, "udp", KILLS,
                "--loss", "10", *PACED),
        ]
    return delivery.summary(results)


if __name__ == "__main__":
    sys.exit(main())

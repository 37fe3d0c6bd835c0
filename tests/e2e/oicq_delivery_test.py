#!/usr/bin/env python3
"""Sends messages through OICQ, over TCP and UDP, over a lossy network and through a server that is killed.

As crash_test.py does for ICQ: with 0F every message must come once, in order; without it the runs print what went
unconfirmed. See delivery.py for longer runs.
"""

import sys

import delivery
from delivery import KILLS, LOSSY, PACED


def run(name, scenario, transport, kills, *options):
    unconfirmed = ("sent ", "received", "unconfirmed", "doubled ") if "--no-0f" in options else ()
    return delivery.run(name, scenario, "oicq", transport, kills, "--transmissions", "6", *options,
                        settings=("oicq.first_resend=200ms", "oicq.transmissions=6"), shown=unconfirmed)


def main():
    return delivery.summary([
        run("messages over TCP", "messages", "tcp", 0),
        run("messages over a lossy network", "messages", "udp", 0, *LOSSY),
        run("messages over TCP while the server is killed", "messages", "tcp", KILLS, *PACED),
        run("messages over a lossy network while the server is killed", "messages", "udp", KILLS, "--loss", "10",
            "--duplicate", "5", *PACED),
        run("messages over TCP for users who are offline while the server is killed", "offline", "tcp", KILLS, *PACED),
        run("messages for users who are offline while the server is killed", "offline", "udp", KILLS, "--loss", "10", *PACED),
        run("without 0F: messages over TCP while the server is killed", "messages", "tcp", KILLS, "--no-0f", *PACED),
        run("without 0F: messages over a lossy network", "messages", "udp", 0, "--no-0f", *LOSSY),
        run("without 0F: messages over UDP while the server is killed", "messages", "udp", KILLS, "--no-0f", *PACED),
    ])


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Kills the server in the middle of traffic, again and again, and looks for every acknowledged message.

Real processes, real sockets, real SQLite: uhohd is ended with SIGKILL while uhoh-load sends messages through a
lossy edge, and started again on the same data. uhoh-load checks each message and fails when one was lost, came
out of order, or came twice without a reason that DESIGN.md allows. UHOH_CRASH_USERS, UHOH_CRASH_MESSAGES and
UHOH_CRASH_KILLS make the runs longer; UHOH_CRASH_SHOW=1 prints the figures.
"""

import os
import sys

import delivery

MESSAGES = int(os.environ.get("UHOH_CRASH_MESSAGES", "20000"))
KILLS = int(os.environ.get("UHOH_CRASH_KILLS", "4"))
SETTINGS = ("icq.first_resend=200ms", "icq.resend_interval=300ms", "icq.resends=10")


def run(name, scenario, kills, *options):
    return delivery.run(name, scenario, "icq", "udp", kills, "--transmissions", "10", "--rounds", "4", *options,
                        settings=SETTINGS, messages=MESSAGES)


def main():
    return delivery.summary([
        run("messages over a lossy network", "messages", 0, "--loss", "30", "--duplicate", "10", "--reorder", "10"),
        run("messages while the server is killed", "messages", KILLS, "--loss", "10", "--duplicate", "5"),
        run("messages for users who are offline while the server is killed", "offline", KILLS, "--loss", "10"),
    ])


if __name__ == "__main__":
    sys.exit(main())

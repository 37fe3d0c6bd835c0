#!/usr/bin/env python3
"""Kills the server in the middle of traffic, again and again, and looks for every acknowledged message.

Real processes, real sockets, real SQLite: uhohd is ended with SIGKILL while uhoh-load sends messages through a
lossy edge, and started again on the same data. uhoh-load checks each message and fails when one was lost, came
out of order, or came twice without a reason that DESIGN.md allows. UHOH_CRASH_USERS, UHOH_CRASH_MESSAGES and
UHOH_CRASH_KILLS make the runs longer; UHOH_CRASH_SHOW=1 prints the figures.
"""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

BIN = pathlib.Path(os.environ.get("UHOH_BIN_DIR", "build/release/bin")).resolve()
USERS = int(os.environ.get("UHOH_CRASH_USERS", "200"))
MESSAGES = int(os.environ.get("UHOH_CRASH_MESSAGES", "20000"))
KILLS = int(os.environ.get("UHOH_CRASH_KILLS", "4"))


class Server:
    """One uhohd on one data directory, which survives its processes."""

    def __init__(self, data_dir):
        self.data_dir = pathlib.Path(data_dir)
        self.address = "127.0.0.1:0"
        self.process = None

    def start(self):
        ready = self.data_dir / "uhohd.ready"
        ready.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            [BIN / "uhohd", "--data-dir", self.data_dir, "--set", f"icq.udp={self.address}",
             "--set", "oicq.udp=", "--set", "oicq.tcp=", "--set", "qq.udp=", "--set", "qq.tcp=", "--set", "web.http=",
             "--set", "accounts.password_memory_kib=64", "--set", "accounts.password_passes=1",
             "--set", "server.shards=2", "--set", "icq.first_resend=200ms", "--set", "icq.resend_interval=300ms", "--set", "icq.resends=10"],
            stderr=(self.data_dir / "log").open("ab"))
        deadline = time.monotonic() + 30
        while not ready.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit("uhohd did not start:\n" + (self.data_dir / "log").read_text())
            time.sleep(0.05)
        self.address = json.loads(ready.read_text())["listeners"]["icq.udp"]

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.process.terminate()
        return self.process.wait(timeout=30)


def add_users(server):
    subprocess.run([BIN / "uhohctl", "--data-dir", server.data_dir, "user", "add-range", "--first", "20000",
                    "--count", str(USERS), "--password", "secret"], check=True, stdout=subprocess.DEVNULL)


def load(server, scenario, *options):
    return subprocess.Popen(
        [BIN / "uhoh-load", scenario, "--server", server.address, "--data-dir", server.data_dir,
         "--users", str(USERS), "--messages", str(MESSAGES), "--resend", "300ms", "--transmissions", "10",
         "--rounds", "4", "--no-reference", "--quiet", *options],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def run(name, scenario, kills, *options):
    with tempfile.TemporaryDirectory(prefix="uhoh-") as data_dir:
        server = Server(data_dir)
        server.start()
        add_users(server)
        client = load(server, scenario, *options)
        for _ in range(kills):
            time.sleep(1.5)
            if client.poll() is not None:
                break
            server.kill()
            server.start()
        output, _ = client.communicate(timeout=900)
        code = server.stop()
        good = client.returncode == 0 and code == 0
        print(f"{'ok' if good else 'FAIL'} - {name}", flush=True)
        if good and os.environ.get("UHOH_CRASH_SHOW"):
            print(output, flush=True)
        if not good:
            print(output, (server.data_dir / "log").read_text(), f"uhohd's exit code: {code}", sep="\n")
        return good


def main():
    results = [
        run("messages over a lossy network", "messages", 0, "--loss", "30", "--duplicate", "10", "--reorder", "10"),
        run("messages while the server is killed", "messages", KILLS, "--loss", "10", "--duplicate", "5"),
        run("messages for users who are offline while the server is killed", "offline", KILLS, "--loss", "10"),
    ]
    failed = results.count(False)
    print(f"{len(results) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

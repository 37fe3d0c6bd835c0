#!/usr/bin/env python3
"""Sends messages through OICQ, over TCP and UDP, over a lossy network and through a server that is killed.

As crash_test.py does for ICQ: with 0F every message must come once, in order; without it the runs print what went
unconfirmed. UHOH_CRASH_USERS, UHOH_CRASH_MESSAGES and UHOH_CRASH_KILLS make the runs longer; UHOH_CRASH_SHOW=1 prints
the figures.
"""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

from listeners import only

BIN = pathlib.Path(os.environ.get("UHOH_BIN_DIR", "build/release/bin")).resolve()
USERS = int(os.environ.get("UHOH_CRASH_USERS", "200"))
MESSAGES = int(os.environ.get("UHOH_CRASH_MESSAGES", "4000"))
KILLS = int(os.environ.get("UHOH_CRASH_KILLS", "3"))


class Server:
    """One uhohd on one data directory, which survives its processes; its address stays the same."""

    def __init__(self, data_dir, transport):
        self.data_dir = pathlib.Path(data_dir)
        self.key = f"oicq.{transport}"
        self.address = "127.0.0.1:0"
        self.process = None

    def start(self):
        ready = self.data_dir / "uhohd.ready"
        ready.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            [BIN / "uhohd", "--data-dir", self.data_dir, *only(BIN / "uhohd", {self.key: self.address}),
             "--set", "accounts.password_memory_kib=64", "--set", "accounts.password_passes=1", "--set", "server.shards=2",
             "--set", "oicq.first_resend=200ms", "--set", "oicq.transmissions=6"],
            stderr=(self.data_dir / "log").open("ab"))
        deadline = time.monotonic() + 30
        while not ready.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit("uhohd did not start:\n" + (self.data_dir / "log").read_text())
            time.sleep(0.05)
        self.address = json.loads(ready.read_text())["listeners"][self.key]

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.process.terminate()
        return self.process.wait(timeout=30)


def run(name, scenario, transport, kills, *options):
    with tempfile.TemporaryDirectory(prefix="uhoh-") as data_dir:
        server = Server(data_dir, transport)
        server.start()
        subprocess.run([BIN / "uhohctl", "--data-dir", data_dir, "user", "add-range", "--first", "20000", "--count", str(USERS),
                        "--password", "secret"], check=True, stdout=subprocess.DEVNULL)
        client = subprocess.Popen(
            [BIN / "uhoh-load", scenario, "--dialect", "oicq", "--transport", transport, "--server", server.address,
             "--data-dir", data_dir, "--users", str(USERS), "--messages", str(MESSAGES), "--resend", "300ms",
             "--transmissions", "6", "--settle", "60s", "--no-reference", "--quiet", *options],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        killed = 0
        while killed < kills:
            time.sleep(1.2)
            if client.poll() is not None:
                break
            server.kill()
            server.start()
            killed += 1
        output, _ = client.communicate(timeout=900)
        code = server.stop()
        good = client.returncode == 0 and code == 0 and killed == kills
        print(f"{'ok' if good else 'FAIL'} - {name}", flush=True)
        if good and "--no-0f" in options:
            print("".join(f"  {line}\n" for line in output.splitlines()
                          if line.startswith(("sent ", "received", "unconfirmed", "doubled "))), end="", flush=True)
        if good and os.environ.get("UHOH_CRASH_SHOW"):
            print(output, flush=True)
        if not good:
            print(output, (server.data_dir / "log").read_text(), f"uhohd's exit code: {code}; killed {killed} times", sep="\n")
        return good


def main():
    paced = ("--pace", f"{USERS * 6_000_000 // MESSAGES}us")  # about six seconds of traffic
    lossy = ("--loss", "30", "--duplicate", "10", "--reorder", "10")
    results = [
        run("messages over TCP", "messages", "tcp", 0),
        run("messages over a lossy network", "messages", "udp", 0, *lossy),
        run("messages over TCP while the server is killed", "messages", "tcp", KILLS, *paced),
        run("messages over a lossy network while the server is killed", "messages", "udp", KILLS, "--loss", "10",
            "--duplicate", "5", *paced),
        run("messages over TCP for users who are offline while the server is killed", "offline", "tcp", KILLS, *paced),
        run("messages for users who are offline while the server is killed", "offline", "udp", KILLS, "--loss", "10", *paced),
        run("without 0F: messages over TCP while the server is killed", "messages", "tcp", KILLS, "--no-0f", *paced),
        run("without 0F: messages over a lossy network", "messages", "udp", 0, "--no-0f", *lossy),
        run("without 0F: messages over UDP while the server is killed", "messages", "udp", KILLS, "--no-0f", *paced),
    ]
    failed = results.count(False)
    print(f"{len(results) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

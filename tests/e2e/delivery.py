"""Servers that survive their processes, and runs of uhoh-load against them: what the delivery tests share.

UHOH_CRASH_USERS, UHOH_CRASH_MESSAGES and UHOH_CRASH_KILLS make the runs longer; UHOH_CRASH_SHOW=1 prints the figures.
"""

import json
import os
import pathlib
import signal
import subprocess
import tempfile
import time

from listeners import only

BIN = pathlib.Path(os.environ.get("UHOH_BIN_DIR", "build/release/bin")).resolve()
USERS = int(os.environ.get("UHOH_CRASH_USERS", "200"))
MESSAGES = int(os.environ.get("UHOH_CRASH_MESSAGES", "4000"))
KILLS = int(os.environ.get("UHOH_CRASH_KILLS", "3"))

PACED = ("--pace", f"{USERS * 6_000_000 // MESSAGES}us")  # about six seconds of traffic
LOSSY = ("--loss", "30", "--duplicate", "10", "--reorder", "10")


class Server:
    """One uhohd on one data directory, which survives its processes; its address stays the same."""

    def __init__(self, data_dir, dialect, transport, settings=()):
        self.data_dir = pathlib.Path(data_dir)
        self.key = f"{dialect}.{transport}"
        self.address = "127.0.0.1:0"
        self.settings = [word for setting in settings for word in ("--set", setting)]
        self.process = None

    def start(self):
        ready = self.data_dir / "uhohd.ready"
        ready.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            [BIN / "uhohd", "--data-dir", self.data_dir, *only(BIN / "uhohd", {self.key: self.address}),
             "--set", "accounts.password_memory_kib=64", "--set", "accounts.password_passes=1", "--set", "server.shards=2",
             *self.settings], stderr=(self.data_dir / "log").open("ab"))
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


def run(name, scenario, dialect, transport, kills, *options, settings=(), account=(), shown=(), messages=MESSAGES):
    """One run; true when it was good. `shown` are beginnings of lines that are printed then."""
    with tempfile.TemporaryDirectory(prefix="uhoh-") as data_dir:
        server = Server(data_dir, dialect, transport, settings)
        server.start()
        subprocess.run([BIN / "uhohctl", "--data-dir", data_dir, "user", "add-range", "--first", "20000", "--count", str(USERS),
                        "--password", "secret", *account], check=True, stdout=subprocess.DEVNULL)
        client = subprocess.Popen(
            [BIN / "uhoh-load", scenario, "--dialect", dialect, "--transport", transport, "--server", server.address,
             "--data-dir", data_dir, "--users", str(USERS), "--messages", str(messages), "--resend", "300ms",
             "--settle", "60s", "--no-reference", "--quiet", *options],
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
        if good and shown:
            print("".join(f"  {line}\n" for line in output.splitlines() if line.startswith(shown)), end="", flush=True)
        if good and os.environ.get("UHOH_CRASH_SHOW"):
            print(output, flush=True)
        if not good:
            print(output, (server.data_dir / "log").read_text(), f"uhohd's exit code: {code}; killed {killed} times", sep="\n")
        return good


def summary(results):
    """Prints the last line of a test; gives its exit code."""
    failed = results.count(False)
    print(f"{len(results) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0

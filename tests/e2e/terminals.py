"""A server, and people at terminals: what end-to-end tests of `uhoh` type, and what they read on the screens.

UHOH_TERMINAL_SHOW=1 prints the screens.
"""

import json
import os
import pathlib
import re
import signal
import subprocess
import time

from listeners import only

BIN = pathlib.Path(os.environ.get("UHOH_BIN_DIR", "build/release/bin")).resolve()
SHOW = bool(os.environ.get("UHOH_TERMINAL_SHOW"))
PATIENCE = 30


class Failed(Exception):
    """What was expected did not come."""


def wait_for(what, holds, patience=PATIENCE):
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        found = holds()
        if found:
            return found
        time.sleep(0.05)
    raise Failed(f"waited {patience} s for: {what}")


class Server:
    """One uhohd on one data directory and one address for each listener, which survive its processes."""

    def __init__(self, data_dir, listeners=("icq.udp",), host="127.0.0.1", settings=()):
        self.data_dir = pathlib.Path(data_dir)
        self.addresses = {listener: f"{host}:0" for listener in listeners}
        self.settings = ["accounts.registration=open", "accounts.password_memory_kib=64", "accounts.password_passes=1",
                         *settings]
        self.process = None

    @property
    def address(self):
        """Of ICQ."""
        return self.addresses["icq.udp"]

    def start(self):
        ready = self.data_dir / "uhohd.ready"
        ready.unlink(missing_ok=True)
        settings = [word for setting in self.settings for word in ("--set", setting)]
        self.process = subprocess.Popen(
            [BIN / "uhohd", "--data-dir", self.data_dir, *only(BIN / "uhohd", self.addresses), *settings],
            stderr=(self.data_dir / "log").open("ab"))
        wait_for("uhohd to be ready", lambda: ready.exists() or self.process.poll() is not None)
        if not ready.exists():
            raise Failed("uhohd did not start:\n" + (self.data_dir / "log").read_text())
        bound = json.loads(ready.read_text())["listeners"]
        self.addresses = {listener: bound[listener] for listener in self.addresses}

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=30)

    def control(self, *arguments):
        """uhohctl on this server."""
        subprocess.run([BIN / "uhohctl", "--data-dir", self.data_dir, *arguments], check=True, capture_output=True, timeout=60)


class Terminal:
    """A tmux session in which one uhoh runs."""

    def __init__(self, socket, name, home, columns=80, rows=24, within=()):
        self.socket, self.name, self.home = socket, name, pathlib.Path(home)
        self.within = within  # the beginning of a command that puts the program somewhere
        self.home.mkdir(parents=True)
        self.columns, self.rows = columns, rows
        self.number = None

    def tmux(self, *arguments):
        done = subprocess.run(["tmux", "-S", self.socket, "-f", "/dev/null", *arguments], capture_output=True, text=True,
                              timeout=20, check=False)
        return done.stdout

    def start(self, *arguments):
        environment = ["env", "LC_ALL=C.UTF-8", "TERM=screen-256color", f"HOME={self.home}",
                       f"XDG_CONFIG_HOME={self.home}/config", f"XDG_DATA_HOME={self.home}/data", f"XDG_DOWNLOAD_DIR={self.home}/dl",
                       "UHOH_PASSWORD="]
        command = " ".join([*self.within, *environment, str(BIN / "uhoh"), *arguments])
        self.tmux("new-session", "-d", "-s", self.name, "-x", str(self.columns), "-y", str(self.rows),
                  f"{command}; echo LEFT $?; sleep 600")

    def type(self, text):
        self.tmux("send-keys", "-t", self.name, "-l", text)

    def press(self, *keys):
        self.tmux("send-keys", "-t", self.name, *keys)

    def enter(self, text):
        self.type(text)
        self.press("Enter")

    def screen(self):
        return self.tmux("capture-pane", "-p", "-t", self.name)

    def text(self):
        """The screen without the line breaks that wrapping made, and without the contact list."""
        lines = [re.sub(r"^.{20}│", "", line).strip() for line in self.screen().splitlines()]
        return re.sub(r"\s+", " ", " ".join(lines))

    def sees(self, words, patience=PATIENCE):
        try:
            wait_for(words, lambda: words in self.text(), patience)
        except Failed as failed:
            raise Failed(f"{self.name} does not see \"{words}\":\n{self.screen()}") from failed
        if SHOW:
            print(f"--- {self.name} sees \"{words}\"\n{self.screen()}", flush=True)

    def lists(self, pattern):
        """Waits for a line of the contact list."""
        try:
            wait_for(pattern, lambda: any(re.match(pattern, line) for line in self.screen().splitlines()))
        except Failed as failed:
            raise Failed(f"{self.name} lists no \"{pattern}\":\n{self.screen()}") from failed

    def set_options(self, **values):
        """Adds values to the account in the configuration."""
        config = self.home / "config/uhoh/config.toml"
        config.write_text(config.read_text() + "".join(f"{key} = {value}\n" for key, value in values.items()))

    def register(self, server, nick, *arguments):
        """The first start asks three questions, and registers."""
        self.start(*arguments)
        for question, answer in (("Which server?", server), ("Your number?", ""), ("Your nick?", nick),
                                 ("Choose a password", "secret"), ("The same again", "secret")):
            self.sees(question)
            self.enter(answer)
        self.sees("Connected")
        config = self.home / "config/uhoh/config.toml"
        if config.stat().st_mode & 0o077:
            raise Failed("others may read the configuration")
        self.number = int(re.search(r"number = (\d+)", config.read_text())[1])

    def quit(self):
        self.enter("/quit")
        self.sees("LEFT 0")
        self.tmux("kill-session", "-t", self.name)


def run(world, steps):
    """Takes the steps in their order, up to the first that fails; gives the exit code."""
    passed = failed = 0
    try:
        world.server.start()
        for step in steps:
            started = time.monotonic()
            try:
                step(world)
            except (Failed, subprocess.SubprocessError) as problem:
                print(f"FAIL - {step.__name__}\n{problem}", *(f"{t.name}:\n{t.screen()}" for t in world.terminals), sep="\n",
                      flush=True)
                failed += 1
                break
            passed += 1
            print(f"ok - {step.__name__} ({time.monotonic() - started:.1f} s)", flush=True)
    finally:
        world.close()
    print(f"{passed} passed, {failed} failed, {len(steps) - passed - failed} skipped")
    return 1 if failed else 0

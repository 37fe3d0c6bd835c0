#!/usr/bin/env python3
"""Two people at two terminals: what they type, and what they read on their screens.

Real processes in tmux: two `uhoh` programs and a server. They register, add each other, talk on- and offline, send a
URL, change their status, chat, send 50 MB directly, and live through a server that is away for a while.
UHOH_TERMINAL_SHOW=1 prints the screens.
"""

import hashlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from listeners import only

BIN = pathlib.Path(os.environ.get("UHOH_BIN_DIR", "build/release/bin")).resolve()
SHOW = bool(os.environ.get("UHOH_TERMINAL_SHOW"))
FILE_BYTES = int(os.environ.get("UHOH_TERMINAL_FILE_MB", "50")) * 1_000_000
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
    """One uhohd on one data directory and one port, which survive its processes."""

    def __init__(self, data_dir):
        self.data_dir = pathlib.Path(data_dir)
        self.address = "127.0.0.1:0"
        self.process = None

    def start(self):
        ready = self.data_dir / "uhohd.ready"
        ready.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            [BIN / "uhohd", "--data-dir", self.data_dir, *only(BIN / "uhohd", {"icq.udp": self.address}),
             "--set", "accounts.registration=open", "--set", "accounts.password_memory_kib=64",
             "--set", "accounts.password_passes=1"], stderr=(self.data_dir / "log").open("ab"))
        wait_for("uhohd to be ready", lambda: ready.exists() or self.process.poll() is not None)
        if not ready.exists():
            raise Failed("uhohd did not start:\n" + (self.data_dir / "log").read_text())
        self.address = json.loads(ready.read_text())["listeners"]["icq.udp"]

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=30)


class Terminal:
    """A tmux session in which one uhoh runs."""

    def __init__(self, socket, name, home, columns=80, rows=24):
        self.socket, self.name, self.home = socket, name, pathlib.Path(home)
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
        command = " ".join([*environment, str(BIN / "uhoh"), *arguments])
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

    def quit(self):
        self.enter("/quit")
        self.sees("LEFT 0")
        self.tmux("kill-session", "-t", self.name)


class World:
    """The server and the two terminals."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        socket = str(self.folder / "tmux")
        self.server = Server(self.folder / "server")
        self.server.data_dir.mkdir()
        self.alice = Terminal(socket, "alice", self.folder / "alice")
        self.bob = Terminal(socket, "bob", self.folder / "bob")

    def close(self):
        self.alice.tmux("kill-server")
        self.server.stop()


def register(world):
    """The first start asks three questions, and registers."""
    for terminal, nick in ((world.alice, "Alice"), (world.bob, "Bob")):
        terminal.start()
        terminal.sees("Which server?")
        terminal.enter(world.server.address)
        terminal.sees("Your number?")
        terminal.enter("")
        terminal.sees("Your nick?")
        terminal.enter(nick)
        terminal.sees("Choose a password")
        terminal.enter("secret")
        terminal.sees("The same again")
        terminal.enter("secret")
        terminal.sees("Connected")
        config = terminal.home / "config/uhoh/config.toml"
        if config.stat().st_mode & 0o077:
            raise Failed("others may read the configuration")
        terminal.number = int(re.search(r"number = (\d+)", config.read_text())[1])


def echo(world):
    """The newcomer writes to 10000, and gets his words back."""
    world.alice.enter("/msg 10000 echo hello wörld")
    world.alice.sees("system: hello wörld")


def add_each_other(world):
    world.alice.enter(f"/add {world.bob.number} Bob")
    world.bob.enter(f"/add {world.alice.number} Alice")
    world.alice.lists(r"\+ Bob")
    world.bob.lists(r"\+ Alice")
    world.bob.sees(f"2:system(1) 3:Alice(1)")
    world.bob.press("M-3")
    world.bob.sees("Alice: has added you to his contacts (Alice)")
    world.bob.press("M-1")


def talk(world):
    """Also letters outside ASCII, a completed name, and a line that is taken back with Ctrl-W."""
    world.alice.type("/query Bo")
    world.alice.press("Tab", "Enter")
    world.alice.sees("[Bob]")
    world.alice.enter("hello Bob, schön")
    world.bob.sees("Alice(1)")
    world.bob.enter("/query Alice")
    world.bob.sees("Alice: hello Bob, schön")
    world.bob.type("hi Alice wrong")
    world.bob.press("C-w")
    world.bob.enter("right")
    world.alice.sees("Bob: hi Alice right")


def send_url(world):
    world.alice.enter("/url http://a.example a page")
    world.bob.sees("Alice: a page <http://a.example>")


def away(world):
    """The away message comes back as an automatic reply, and can be fetched."""
    world.bob.enter("/away At lunch")
    world.alice.lists(r"a Bob")
    world.alice.enter("are you there?")
    world.alice.sees("Bob is away: At lunch")
    world.alice.enter("/readaway")
    world.alice.sees("Bob says: At lunch")
    world.bob.enter("/dnd Quiet")
    world.alice.lists(r"d Bob")
    world.alice.enter("pst")
    world.alice.sees("Bob says: Quiet")
    world.bob.sees("Alice: pst")
    world.bob.enter("/online")
    world.alice.lists(r"\+ Bob")


def chat(world):
    """Letter by letter, both ways."""
    world.alice.enter("/chat About the weather")
    world.bob.sees("Alice asks you to chat: About the weather")
    world.bob.enter("/accept")
    world.bob.sees(f"Alice ({world.alice.number}) is here")
    world.alice.sees(f"Bob ({world.bob.number}) is here")
    world.alice.type("It rai")
    world.bob.sees("Alice > It rai")
    world.alice.press("BSpace", "BSpace", "BSpace")
    world.alice.enter("is fine")
    world.bob.sees("Alice: It is fine")
    world.bob.enter("Good")
    world.alice.sees("Bob: Good")
    world.bob.enter("/close")
    world.alice.sees("Bob has left the chat")
    world.alice.enter("/close")


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def send_file(world):
    """50 MB directly; then a file of the same name, which must not replace the first."""
    path = world.folder / "holiday.bin"
    path.write_bytes(os.urandom(FILE_BYTES))
    world.alice.enter("/query Bob")
    world.bob.enter("/query Alice")
    for expected in ("holiday.bin", "holiday (2).bin"):
        world.alice.enter(f"/sendfile {path}")
        world.bob.sees("Alice offers holiday.bin")
        world.bob.enter("/accept")
        world.bob.sees("All of it is received")
        world.alice.sees("All of it is sent")
        received = world.bob.home / "dl/uhoh" / expected
        if digest(received) != digest(path):
            raise Failed(f"{received} is not what was sent")
        for terminal in (world.alice, world.bob):
            terminal.enter("/clear")
            wait_for("an empty screen", lambda shown=terminal: "holiday" not in shown.text())
        path.write_bytes(os.urandom(1000))


def offline(world):
    """What is written to somebody who is away waits for him; the history is there after a new start."""
    world.bob.quit()
    world.alice.lists(r"  Bob")
    world.alice.enter("read this later")
    world.alice.enter("and this")
    world.bob.start()
    world.bob.sees("Alice(2)")
    world.bob.press("M-2")
    world.bob.sees("Alice: read this later")
    world.bob.sees("Alice: and this")
    world.bob.sees("Alice: a page <http://a.example>")
    world.bob.press("M-1")
    world.bob.enter("/history schön")
    world.bob.sees("1 line with \"schön\"")


def resize(world):
    """A small window and a large one; long lines are broken."""
    world.alice.tmux("resize-window", "-t", "alice", "-x", "50", "-y", "12")
    world.alice.enter("a line that is too long for fifty columns and must be broken at a word")
    world.alice.sees("must be broken at a word")
    world.alice.tmux("resize-window", "-t", "alice", "-x", "120", "-y", "40")
    world.alice.lists(r"\+ Bob")
    world.alice.tmux("resize-window", "-t", "alice", "-x", "80", "-y", "24")
    world.alice.sees("must be broken at a word")


def server_away(world):
    """The server is away; what is typed meanwhile is marked, and goes when it is back.

    The pauses are shortened by the configuration, so that this stands for ten minutes.
    """
    for terminal in (world.alice, world.bob):
        terminal.quit()
        terminal.set_options(resend_seconds=0.2, keepalive_seconds=1.0, reconnect_seconds=0.5, longest_reconnect_seconds=2.0, direct="false")
        terminal.start()
        terminal.sees("Connected")
    world.alice.enter("/query Bob")
    world.alice.enter("before")
    world.bob.enter("/query Alice")
    world.bob.sees("Alice: before")
    world.server.stop()
    world.alice.enter("typed while it was away 1")
    world.alice.sees("~You: typed while it was away 1")
    world.alice.sees("next try in")
    world.alice.enter("typed while it was away 2")
    world.alice.sees("~You: typed while it was away 2")
    time.sleep(5)
    world.server.start()
    world.bob.sees("Alice: typed while it was away 1", 60)
    world.bob.sees("Alice: typed while it was away 2")
    wait_for("the marks to go", lambda: "~You" not in world.alice.text())
    world.alice.sees(" You: typed while it was away 2")


def unsent(world):
    """What was not sent when the program ended is marked, and /resend sends it."""
    world.server.stop()
    world.alice.enter("not yet sent")
    world.alice.sees("~You: not yet sent")
    world.alice.quit()
    world.alice.start()
    world.alice.sees("1 line of the last time not sent")
    world.alice.enter("/query Bob")
    world.alice.sees("!You: not yet sent")
    world.server.start()
    world.alice.press("M-1")
    world.alice.sees("Connected", 60)
    world.alice.press("M-2")
    world.alice.enter("/resend")
    world.bob.sees("Alice: not yet sent", 60)
    wait_for("the mark to go", lambda: "!You" not in world.alice.text())


def scripts(world):
    """The one-shot commands, with exit codes."""
    environment = {**os.environ, "UHOH_PASSWORD": "secret", "XDG_CONFIG_HOME": str(world.folder / "none"),
                   "HOME": str(world.folder)}

    def uhoh(*arguments):
        return subprocess.run([BIN / "uhoh", *arguments], env=environment, capture_output=True, text=True, timeout=60,
                              check=False)

    server = ["--server", world.server.address]
    registered = uhoh("register", *server)
    number = registered.stdout.strip()
    if registered.returncode != 0 or not number.isdigit():
        raise Failed(f"register: {registered}")
    sent = uhoh("send", *server, "--account", number, "--to", str(world.bob.number), "from a script")
    if sent.returncode != 0:
        raise Failed(f"send: {sent}")
    world.bob.sees(f"{number}(1)")
    if uhoh("send", *server, "--account", number, "--to", "1999999999", "x").returncode != 1:
        raise Failed("a message to nobody succeeded")
    if uhoh("send", "--to", "1").returncode != 2:
        raise Failed("wrong usage has another exit code than 2")
    heard = uhoh("listen", "--json", *server, "--account", number, "--count", "1", "--timeout", "20")
    events = [json.loads(line) for line in heard.stdout.splitlines()]
    if heard.returncode != 0 or not any(e["event"] == "message" and e["from"] == 10000 for e in events):
        raise Failed(f"listen: {heard}")
    environment["UHOH_PASSWORD"] = "wrong"
    if uhoh("whois", str(world.bob.number), *server, "--account", number).returncode != 1:
        raise Failed("a wrong password succeeded")


STEPS = [register, echo, add_each_other, talk, send_url, away, chat, send_file, offline, resize, scripts, server_away, unsent]


def main():
    if shutil.which("tmux") is None:
        print("tmux is not installed")
        return 77
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="uhoh-") as folder:
        world = World(folder)
        try:
            world.server.start()
            for step in STEPS:
                started = time.monotonic()
                try:
                    step(world)
                except (Failed, subprocess.SubprocessError) as problem:
                    print(f"FAIL - {step.__name__}\n{problem}\nalice:\n{world.alice.screen()}\nbob:\n{world.bob.screen()}", flush=True)
                    failed += 1
                    break
                passed += 1
                print(f"ok - {step.__name__} ({time.monotonic() - started:.1f} s)", flush=True)
        finally:
            world.close()
    print(f"{passed} passed, {failed} failed, {len(STEPS) - passed - failed} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

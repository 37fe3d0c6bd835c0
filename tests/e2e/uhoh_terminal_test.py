#!/usr/bin/env python3
"""Two people at two terminals: what they type, and what they read on their screens.

Real processes in tmux: two `uhoh` programs and a server. They register, add each other, talk on- and offline, send a
URL, change their status, chat, send 50 MB directly, and live through a server that is away for a while.

UHOH_TERMINAL_AWAY_SECONDS=600 does only that last step, in real time: ten minutes, and the usual pauses.
"""

import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

from terminals import BIN, Failed, Server, Terminal, run, wait_for

AWAY_SECONDS = int(os.environ.get("UHOH_TERMINAL_AWAY_SECONDS", "0"))
FILE_BYTES = int(os.environ.get("UHOH_TERMINAL_FILE_MB", "50")) * 1_000_000


class World:
    """The server and the two terminals."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        socket = str(self.folder / "tmux")
        self.server = Server(self.folder / "server", settings=("accounts.inbox_messages=3",))
        self.server.data_dir.mkdir()
        self.alice = Terminal(socket, "alice", self.folder / "alice")
        self.bob = Terminal(socket, "bob", self.folder / "bob")
        self.carol = Terminal(socket, "carol", self.folder / "carol")
        self.terminals = [self.alice, self.bob, self.carol]

    def close(self):
        self.alice.tmux("kill-server")
        self.server.stop()


def register(world):
    """The first start of each."""
    world.alice.register(world.server.address, "Alice")
    world.bob.register(world.server.address, "Bob")


def mistakes_at_the_first_start(world):
    """No server, a number that is none, a wrong password: each is asked for again, and only what worked is kept."""
    carol = world.carol
    world.server.control("user", "add", "--uin", "10077", "--password", "secret")
    config = carol.home / "config/uhoh/config.toml"
    carol.start()
    for question, answer in (("Which server?", "127.0.0.1:9"), ("Your number?", ""), ("Your nick? ", "Carol"),
                             ("Choose a password", "secret"), ("The same again", "secret"), ("Registering at 127.0.0.1:9", None),
                             ("Which server? [127.0.0.1:9]", world.server.address)):
        carol.sees(question)
        if answer is not None:
            carol.enter(answer)
    wait_for("the number's question", lambda: carol.text().strip().endswith("to register a new one:"))
    carol.enter("abc")
    carol.sees('"abc" is no number')
    carol.enter("10077")
    carol.sees("Password:")
    carol.enter("wrong")
    carol.sees("Wrong number or password")
    if config.exists():
        raise Failed("a wrong password is kept")
    carol.sees("another server or number")
    carol.enter("secret")
    carol.sees("Connected")
    carol.quit()
    config.write_text(config.read_text().replace('"secret"', '"forgot"'))
    carol.start()
    carol.sees("config.toml: correct it there")
    carol.quit()


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
    world.alice.enter("你好, Привет 🙂")
    world.bob.sees("Alice: 你好, Привет 🙂")


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
    world.alice.enter("and the last")
    world.alice.enter("one too many")
    world.alice.sees("!You: one too many")
    world.alice.sees(f"Not sent: The inbox of {world.bob.number} is full.")
    world.bob.start()
    world.bob.sees("Alice(3)")
    world.bob.press("M-2")
    world.bob.sees("Alice: read this later")
    world.bob.sees("Alice: and this")
    world.bob.sees("Alice: a page <http://a.example>")
    world.bob.press("M-1")
    world.bob.enter("/history schön")
    world.bob.sees("1 line with \"schön\"")


def nobody_there(world):
    """A number that does not exist, added, written to, asked for: it is said where it was typed."""
    alice = world.alice
    alice.press("M-1")
    alice.enter("/clear")
    alice.enter("/add 1999999")
    alice.sees("1999999 is no contact")
    alice.enter("/whois 1999998")
    alice.sees("There is no number 1999998.")
    alice.enter("/q")
    alice.sees("/q could be /query, /quiet, /quit")
    alice.enter("/clear")
    if any(line.startswith("  1999999") for line in alice.screen().splitlines()):
        raise Failed("1999999 is still a contact:\n" + alice.screen())
    alice.enter("/query 1999997")
    alice.enter("hi")
    alice.sees("!You: hi")
    alice.sees("Not sent: There is no number 1999997.")
    alice.enter("/close")
    alice.enter("/query Bob")


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
        terminal.set_options(direct="false")  # directly they would not need the server
        if not AWAY_SECONDS:
            terminal.set_options(resend_seconds=0.2, keepalive_seconds=1.0, reconnect_seconds=0.5, longest_reconnect_seconds=2.0)
        terminal.start()
        terminal.sees("Connected")
    world.alice.enter("/query Bob")
    world.alice.enter("before")
    world.bob.enter("/query Alice")
    world.bob.sees("Alice: before")
    world.server.stop()
    world.alice.enter("typed while it was away 1")
    world.alice.sees("~You: typed while it was away 1")
    patience = max(AWAY_SECONDS, 60)  # the longest pause is five minutes, and a quarter of that by chance
    world.alice.sees("next try in", 2 * patience)
    world.alice.enter("typed while it was away 2")
    world.alice.sees("~You: typed while it was away 2")
    time.sleep(AWAY_SECONDS or 5)
    world.server.start()
    started = time.monotonic()
    world.bob.sees("Alice: typed while it was away 1", patience)
    print(f"both are back {time.monotonic() - started:.0f} s after the server")
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
    piped = subprocess.run([BIN / "uhoh", "send", *server, "--account", number, "--to", str(world.bob.number), "-"],
                           input="from a pipe\n", env=environment, text=True, timeout=60, check=False)
    if piped.returncode != 0:
        raise Failed("send - failed")
    world.bob.sees(f"{number}(2)")
    if uhoh("send", *server, "--account", number, "--to", str(world.bob.number), "").returncode != 2:
        raise Failed("an empty message is sent")
    if uhoh("send", "--to", "1").returncode != 2:
        raise Failed("wrong usage has another exit code than 2")
    heard = uhoh("listen", "--json", *server, "--account", number, "--count", "1", "--timeout", "20")
    events = [json.loads(line) for line in heard.stdout.splitlines()]
    if heard.returncode != 0 or not any(e["event"] == "message" and e["from"] == 10000 for e in events):
        raise Failed(f"listen: {heard}")
    environment["UHOH_PASSWORD"] = "wrong"
    if uhoh("whois", str(world.bob.number), *server, "--account", number).returncode != 1:
        raise Failed("a wrong password succeeded")


STEPS = [register, mistakes_at_the_first_start, echo, add_each_other, talk, send_url, away, chat, send_file, offline, nobody_there,
         resize, scripts, server_away, unsent]


def main():
    if shutil.which("tmux") is None:
        print("tmux is not installed")
        return 77
    with tempfile.TemporaryDirectory(prefix="uhoh-") as folder:
        return run(World(folder), [register, add_each_other, server_away] if AWAY_SECONDS else STEPS)


if __name__ == "__main__":
    sys.exit(main())

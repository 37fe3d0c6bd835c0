#!/usr/bin/env python3
"""People with ICQ, OICQ and QQ, at the screens of the same program, and from scripts."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from terminals import BIN, Failed, Server, Terminal, run, wait_for
from uhoh_terminal_test import digest


class World:
    """A server that speaks all three; Alice with ICQ, Lan and Ming with OICQ, Wei with QQ."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        socket = str(self.folder / "tmux")
        self.server = Server(self.folder / "server", listeners=("icq.udp", "oicq.tcp", "qq.udp"))
        self.server.data_dir.mkdir()
        self.alice = Terminal(socket, "alice", self.folder / "alice")
        self.lan = Terminal(socket, "lan", self.folder / "lan")
        self.ming = Terminal(socket, "ming", self.folder / "ming")
        self.wei = Terminal(socket, "wei", self.folder / "wei")
        self.terminals = [self.alice, self.lan, self.wei]

    def close(self):
        self.alice.tmux("kill-server")
        self.server.stop()


def register(world):
    world.alice.register(world.server.address, "Alice")
    world.lan.register(world.server.addresses["oicq.tcp"], "Lan", "--dialect", "oicq")
    config = (world.lan.home / "config/uhoh/config.toml").read_text()
    if 'dialect = "oicq"' not in config:
        raise Failed(f"the dialect is not kept:\n{config}")


def echo(world):
    world.lan.enter("/msg 10000 echo hello")
    world.lan.sees("system: hello")


def add_each_other(world):
    """Lan's friends are kept by the server, which tells Alice that she was added."""
    world.alice.enter(f"/add {world.lan.number} Lan")
    world.lan.sees(f"Alice ({world.alice.number})(1)")
    world.lan.enter(f"/add {world.alice.number}")
    world.lan.lists(r"\+ Alice")
    world.alice.lists(r"\+ Lan")


def talk(world):
    """Both ways; a URL of ICQ is text in OICQ."""
    world.alice.enter("/query Lan")
    world.alice.enter("hello Lan")
    world.lan.enter("/query Alice")
    world.lan.sees("Alice: hello Lan")
    world.lan.enter("hello Alice")
    world.alice.sees("Lan: hello Alice")
    world.alice.enter("/url http://a.example a page")
    world.lan.sees("http://a.example")


def status(world):
    """What OICQ has no word for is the next that it has."""
    world.alice.enter("/dnd Quiet")
    world.lan.lists(r"d Alice")
    world.alice.enter("/away")
    world.lan.lists(r"\+ Alice")
    world.alice.enter("/online")
    world.lan.enter("/dnd")
    world.alice.lists(r"[do] Lan")
    world.lan.enter("/away")
    world.alice.lists(r"\+ Lan")
    world.lan.press("M-1")
    world.lan.sees('You are online: oicq has no "away"')
    world.lan.sees(f"at {world.server.addresses['oicq.tcp']} | online")


def nobody_there(world):
    """A number that does not exist, added, written to, asked for: it is said where it was typed."""
    lan = world.lan
    lan.enter("/clear")
    lan.enter("/add 888")
    lan.sees("888 is no contact")
    lan.enter("/clear")
    lan.enter("/whois 889")
    lan.sees("There is no number 889.")
    lan.enter("/query 777")
    lan.enter("hi")
    lan.sees("!You: hi")
    lan.sees("Not sent: There is no user with the number 777.")
    if any(re.match(r". 888\b", line) for line in lan.screen().splitlines()):
        raise Failed("888 is still a contact:\n" + lan.screen())
    lan.enter("/close")


def say_what_is_missing(world):
    for command, words in (("/chat", "There are no chats in oicq"), ("/readaway", "There are no away messages in oicq"),
                           ("/passwd x", "There are no changes of a password in oicq")):
        world.lan.enter(command)
        world.lan.sees(words)


def look_up(world):
    world.lan.press("M-1")
    world.lan.enter(f"/whois {world.alice.number}")
    world.lan.sees(f"{world.alice.number} Alice")
    world.lan.enter("/clear")
    world.lan.enter("/search nick=lic")
    world.lan.sees(f"{world.alice.number} Alice")
    world.lan.sees("That is all")


def offline(world):
    world.lan.quit()
    world.alice.lists(r"  Lan")
    world.alice.enter("read this later")
    world.lan.start("--dialect", "oicq")
    world.lan.sees("Alice(1)")
    world.lan.lists(r"\+ Alice")
    world.lan.enter("/query Alice")
    world.lan.sees("Alice: read this later")
    world.alice.lists(r"\+ Lan")


def server_away(world):
    """What Lan types meanwhile is marked, and goes when the server is back."""
    world.lan.quit()
    world.lan.set_options(reconnect_seconds=0.5, longest_reconnect_seconds=2.0)
    world.lan.start()
    world.lan.sees("Connected")
    world.lan.enter("/query Alice")
    world.server.stop()
    world.lan.sees("next try in")
    world.lan.enter("typed while it was away")
    world.lan.sees("~You: typed while it was away")
    world.server.start()
    wait_for("the mark to go", lambda: "~You" not in world.lan.text(), 60)
    world.alice.enter("are you back?")  # the server writes to Alice again once it has heard her
    world.alice.sees("Lan: typed while it was away")
    world.lan.sees("Alice: are you back?")


def send_file(world):
    """Through the server, to another user of OICQ; not to ICQ, whose files go directly."""
    path = world.folder / "holiday.bin"
    path.write_bytes(os.urandom(5_000_000))
    world.lan.enter(f"/sendfile {path}")
    world.lan.sees("The transfer has ended")
    world.ming.register(world.server.addresses["oicq.tcp"], "Ming", "--dialect", "oicq")
    world.lan.enter(f"/query {world.ming.number}")
    world.lan.enter(f"/sendfile {path}")
    world.ming.sees(f"Lan ({world.lan.number})(1)")
    world.ming.enter(f"/query {world.lan.number}")
    world.ming.sees(f"{world.lan.number} offers holiday.bin (5.0 MB)")
    world.ming.enter("/accept")
    world.ming.sees("All of it is received")
    world.lan.sees("All of it is sent")
    if digest(world.ming.home / "dl/uhoh/holiday.bin") != digest(path):
        raise Failed("what came is not what was sent")


def qq_logs_in(world):
    """QQ gives out no numbers: the administrator does."""
    wei = world.wei
    wei.number = 20050
    world.server.control("user", "add", "--uin", str(wei.number), "--password", "secret", "--nick", "Wei", "--qq")
    wei.start("--dialect", "qq")
    for question, answer in (("Which server?", world.server.addresses["qq.udp"]), ("Your number?", str(wei.number)),
                             ("Password:", "secret")):
        wei.sees(question)
        wei.enter(answer)
    wei.sees("Connected")
    wei.enter("/msg 10000 echo hello")
    wei.sees("system: hello")


def qq_talks(world):
    wei = world.wei
    wei.enter(f"/add {world.alice.number}")
    world.alice.sees(f"Wei ({wei.number})(1)")
    world.alice.enter(f"/add {wei.number} Wei")
    world.alice.lists(r"\+ Wei")
    wei.lists(r"\+ ")
    wei.enter(f"/query {world.alice.number}")
    wei.enter("hello Alice, this is QQ")
    world.alice.enter("/query Wei")
    world.alice.sees("Wei: hello Alice, this is QQ")
    world.alice.enter("hello QQ")
    wei.sees("hello QQ")
    wei.enter("/away")
    world.alice.lists(r"a Wei")
    wei.enter("/online")
    world.alice.lists(r"\+ Wei")
    wei.press("M-1")
    wei.enter(f"/whois {world.alice.number}")
    wei.sees(f"{world.alice.number} Alice")
    wei.enter("/clear")
    wei.enter("/search nick=Alice")
    wei.sees(f"{world.alice.number} Alice")
    wei.sees("That is all")


def qq_stays(world):
    """What came while Wei was offline, and while the server was away."""
    wei = world.wei
    wei.quit()
    world.alice.lists(r"  Wei")
    world.alice.enter("read this later")
    wei.start("--dialect", "qq")
    wei.sees("Alice(1)")
    wei.lists(r"\+ Alice")
    wei.enter("/query Alice")
    wei.sees("Alice: read this later")
    world.server.stop()
    wei.enter("typed while it was away")
    wei.sees("~You: typed while it was away")
    world.server.start()
    wait_for("the mark to go", lambda: "~You" not in wei.text(), 60)
    world.alice.enter("are you still there?")
    world.alice.sees("Wei: typed while it was away")


def scripts(world):
    environment = {**os.environ, "UHOH_PASSWORD": "secret", "XDG_CONFIG_HOME": str(world.folder / "none"),
                   "HOME": str(world.folder)}

    def uhoh(*arguments):
        return subprocess.run([BIN / "uhoh", *arguments], env=environment, capture_output=True, text=True, timeout=60,
                              check=False)

    qq = ["--dialect", "qq", "--server", world.server.addresses["qq.udp"]]
    sent = uhoh("send", *qq, "--account", "20050", "--to", str(world.lan.number), "from QQ's script")
    if sent.returncode != 0:
        raise Failed(f"send: {sent}")
    world.lan.sees("Wei (20050)(1)")
    if uhoh("register", *qq).returncode != 1:
        raise Failed("QQ gave out a number")
    server = ["--dialect", "oicq", "--server", world.server.addresses["oicq.tcp"]]
    registered = uhoh("register", "--nick", "Script", *server)
    number = registered.stdout.strip()
    if registered.returncode != 0 or not number.isdigit():
        raise Failed(f"register: {registered}")
    own = [*server, "--account", number]
    sent = uhoh("send", *own, "--to", str(world.alice.number), "from a script")
    if sent.returncode != 0:
        raise Failed(f"send: {sent}")
    world.alice.sees(f"Script ({number})(1)")
    if uhoh("send", *own, "--to", "1999999999", "x").returncode != 1:
        raise Failed("a message to nobody succeeded")
    asked = uhoh("whois", str(world.alice.number), "--json", *own)
    if asked.returncode != 0 or json.loads(asked.stdout.splitlines()[0])["nick"] != "Alice":
        raise Failed(f"whois: {asked}")
    heard = uhoh("listen", "--json", *own, "--count", "1", "--timeout", "20")
    events = [json.loads(line) for line in heard.stdout.splitlines()]
    if heard.returncode != 0 or not any(e["event"] == "message" and e["from"] == 10000 for e in events):
        raise Failed(f"listen: {heard}")
    environment["UHOH_PASSWORD"] = "wrong"
    for who in (own, [*qq, "--account", "20050"]):
        if uhoh("whois", str(world.alice.number), *who).returncode != 1:
            raise Failed("a wrong password succeeded")


STEPS = [register, echo, add_each_other, talk, status, nobody_there, say_what_is_missing, look_up, offline, server_away, send_file, qq_logs_in,
         qq_talks, qq_stays, scripts]


def main():
    if shutil.which("tmux") is None:
        print("tmux is not installed")
        return 77
    with tempfile.TemporaryDirectory(prefix="uhoh-") as folder:
        return run(World(folder), STEPS)


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Two people who can't reach each other: 50 MB through the server's relay, and a chat.

Each `uhoh` is in a network namespace of its own, with a line to the server only; the server passes nothing on but what
its relay does. Runs without privileges where user namespaces are allowed, and is skipped (77) where not.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

from terminals import Failed, Server, Terminal, run, wait_for
from uhoh_terminal_test import FILE_BYTES, add_each_other, chat, digest, register

SERVER = "10.77.0.1"


def sh(*command):
    subprocess.run(command, check=True, timeout=20)


class Place:
    """A network namespace with a line to the server's."""

    def __init__(self, number):
        self.holder = subprocess.Popen(["unshare", "--net", "sleep", "infinity"])
        self.within = ["nsenter", "--target", str(self.holder.pid), "--net"]
        self.address = f"10.77.{number}.2"
        own = os.readlink("/proc/self/ns/net")
        wait_for("a network namespace", lambda: os.readlink(f"/proc/{self.holder.pid}/ns/net") != own)
        here, there = f"uhohs{number}", f"uhohc{number}"
        sh("ip", "link", "add", here, "type", "veth", "peer", "name", there)
        sh("ip", "link", "set", there, "netns", str(self.holder.pid))
        sh("ip", "addr", "add", f"10.77.{number}.1/24", "dev", here)
        sh("ip", "link", "set", here, "up")
        sh(*self.within, "ip", "addr", "add", f"{self.address}/24", "dev", there)
        for link in (there, "lo"):
            sh(*self.within, "ip", "link", "set", link, "up")
        sh(*self.within, "ip", "route", "add", "default", "via", f"10.77.{number}.1")

    def reaches(self, address):
        """A port at which nobody listens says so, where it is reached at all."""
        attempt = f"import socket; socket.create_connection(('{address}', 9), timeout=1)"
        done = subprocess.run([*self.within, sys.executable, "-c", attempt], capture_output=True, text=True, timeout=20,
                              check=False)
        return "ConnectionRefusedError" in done.stderr


class World:
    """A server between two people."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        sh("ip", "link", "set", "lo", "up")
        sh("ip", "addr", "add", f"{SERVER}/32", "dev", "lo")
        socket = str(self.folder / "tmux")
        self.places = [Place(1), Place(2)]
        self.server = Server(self.folder / "server", host=SERVER, settings=[f"relay.address={SERVER}"])
        self.server.data_dir.mkdir()
        self.alice = Terminal(socket, "alice", self.folder / "alice", within=self.places[0].within)
        self.bob = Terminal(socket, "bob", self.folder / "bob", within=self.places[1].within)
        self.terminals = [self.alice, self.bob]

    def close(self):
        self.alice.tmux("kill-server")
        self.server.stop()
        for place in self.places:
            place.holder.kill()
            place.holder.wait()


def have_no_way(world):
    """The places reach the server, and not each other."""
    first, second = world.places
    if not first.reaches(SERVER) or not second.reaches(SERVER):
        raise Failed("the server can't be reached")
    if first.reaches(second.address) or second.reaches(first.address):
        raise Failed("the places reach each other without the server")


def send_nothing_directly(world):
    """Without the relay no file goes."""
    path = world.folder / "small.bin"
    path.write_bytes(b"small")
    world.alice.enter("/query Bob")
    world.alice.enter(f"/sendfile {path}")
    world.alice.sees("The transfer has ended")


def ask_for_the_relay(world):
    """One of the two is enough."""
    world.server.control("user", "set", str(world.bob.number), "--address-policy", "relay")


def send_file(world):
    """50 MB, and whole."""
    path = world.folder / "holiday.bin"
    path.write_bytes(os.urandom(FILE_BYTES))
    world.alice.enter("/query Bob")
    world.bob.enter("/query Alice")
    world.alice.enter(f"/sendfile {path}")
    world.bob.sees("Alice offers holiday.bin")
    world.bob.enter("/accept")
    begun = time.monotonic()
    world.bob.sees("All of it is received", 120)
    took = time.monotonic() - begun
    world.alice.sees("All of it is sent")
    if digest(world.bob.home / "dl/uhoh/holiday.bin") != digest(path):
        raise Failed("what came is not what was sent")
    print(f"{FILE_BYTES / 1e6:.0f} MB through the relay in {took:.1f} s")


def send_file_back(world):
    """The other way, and over the message channel that is there already."""
    path = world.folder / "answer.bin"
    path.write_bytes(os.urandom(FILE_BYTES // 10))
    world.bob.enter(f"/sendfile {path}")
    world.alice.sees("Bob offers answer.bin")
    world.alice.enter("/accept")
    world.alice.sees("All of it is received", 120)
    if digest(world.alice.home / "dl/uhoh/answer.bin") != digest(path):
        raise Failed("what came is not what was sent")


STEPS = [have_no_way, register, add_each_other, send_nothing_directly, ask_for_the_relay, send_file, send_file_back, chat]


def main():
    for program in ("tmux", "ip", "unshare", "nsenter"):
        if shutil.which(program) is None:
            print(f"{program} is not installed")
            return 77
    if "--inside" not in sys.argv:
        inside = ["unshare", "--user", "--map-root-user", "--net"]
        if subprocess.run([*inside, "true"], check=False, capture_output=True).returncode != 0:
            print("user and network namespaces are not allowed here")
            return 77
        return subprocess.run([*inside, sys.executable, __file__, "--inside"], check=False).returncode
    with tempfile.TemporaryDirectory(prefix="uhoh-") as folder:
        return run(World(folder), STEPS)


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Logs in to uhohd with every generation of QQ, over UDP and TCP, and lets everybody talk to everybody.

    UHOH_BIN_DIR=build/release/bin tests/e2e/qq_session_test.py [NAME...]

The clients are those of tests/qq/qq_client.py, which know nothing of the server's sources. Names choose tests.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "qq"))
from listeners import only
from qq_client import Client, Refused, Silence

BIN = pathlib.Path(os.environ.get("UHOH_BIN_DIR", "build/release/bin")).resolve()
#: One version of each generation that a real client announces, and its own number.
VERSIONS = {0x0D55: 20001, 0x0F5F: 20002, 0x111D: 20003, 0x115B: 20004, 0x1E0D: 20005, 0x2227: 20006, 0x3639: 20007, 0x3B41: 20008}
PASSWORD = "secret1"
ICQ_ONLY = 20100


def expect(condition, detail=""):
    if not condition:
        raise AssertionError(str(detail))


class Server:
    def __init__(self, data, *arguments):
        self.data = pathlib.Path(data)
        self.process = subprocess.Popen(
            [BIN / "uhohd", "--data-dir", data, *only(BIN / "uhohd", {"qq.udp": "127.0.0.1:0", "qq.tcp": "127.0.0.1:0"}),
             "--set", "server.shards=2", "--set", "accounts.password_memory_kib=8", "--set", "accounts.password_passes=1",
             "--set", "accounts.throttle_first=0ms", "--set", "qq.qr_page=https://uhoh.example.org/qr",
             "--set", "limits.strangers_per_network=100000", "--set", "limits.strangers_in_all=100000", *arguments],
            stderr=(self.data / "log").open("ab"))
        deadline = time.monotonic() + 30
        while not (self.data / "uhohd.ready").exists():
            expect(self.process.poll() is None and time.monotonic() < deadline, (self.data / "log").read_text())
            time.sleep(0.02)
        listeners = json.loads((self.data / "uhohd.ready").read_text())["listeners"]
        self.addresses = {}
        for name in ("udp", "tcp"):
            host, port = listeners[f"qq.{name}"].rsplit(":", 1)
            self.addresses[name] = (host, int(port))

    def ctl(self, *words):
        done = subprocess.run([BIN / "uhohctl", "--data-dir", self.data, *map(str, words)], capture_output=True, text=True,
                              timeout=60, check=False)
        expect(done.returncode == 0, done.stderr + done.stdout)
        return done.stdout

    def client(self, version, tcp=False, uin=None, password=PASSWORD):
        return Client(version, uin or VERSIONS[version], password, self.addresses["tcp" if tcp else "udp"], tcp)

    def logged_in(self, version, tcp=False, **rest):
        one = self.client(version, tcp, **rest)
        one.logs_in()
        one.goes_online()
        return one

    def stop(self):
        self.process.terminate()
        expect(self.process.wait(timeout=30) == 0, (self.data / "log").read_text())


def each_way():
    return [(version, tcp) for version in VERSIONS for tcp in (False, True)]


def test_logs_in_and_lives(server):
    for version, tcp in each_way():
        one = server.logged_in(version, tcp)
        expect(len(one.keeps_alive()) > 0)
        if one.is_late():
            if one.generation == "C":
                expect(len(one.entries()) == len(VERSIONS) - 1, one.entries())
        else:
            friends = one.friends()
            expect(set(friends) == set(VERSIONS.values()) - {one.uin}, friends)
            expect(all(nick == f"User {number}" for number, nick in friends.items()), friends)
        one.logs_out()
        one.close()


def test_refuses_wrong_passwords_and_unknown_numbers(server):
    for version, tcp in each_way():
        for wrong in ({"password": "secret2"}, {"uin": 4711}, {"uin": ICQ_ONLY}):
            one = server.client(version, tcp, **wrong)
            try:
                one.logs_in()
                raise AssertionError(f"{version:04X} got in with {wrong}")
            except Refused:
                pass
            one.close()


def test_everybody_talks_to_everybody(server):
    people = [server.logged_in(version, tcp=index % 2 == 1) for index, version in enumerate(VERSIONS)]
    for speaker in people:
        for listener in people:
            if listener is speaker:
                continue
            text = f"{speaker.uin} to {listener.uin}: 你好, /wx"
            answer = speaker.says(listener.uin, text)
            expect(answer[0] == 0, answer.hex())
            said = listener.hears_text()
            # A smiley is an element of its own to the late ones, and a code to the early ones.
            seen = text.replace("/wx", "" if listener.is_late() else "\x14O")
            expect(said == (speaker.uin, seen), (said, seen))
    for one in people:
        one.logs_out()
        one.close()


def test_keeps_messages_for_those_who_are_away(server):
    speaker = server.logged_in(0x0D55)
    for version, uin in VERSIONS.items():
        if version != 0x0D55:
            expect(speaker.says(uin, f"later, {uin}")[0] == 0)
    for version, tcp in each_way():
        if version == 0x0D55 or tcp:
            continue
        one = server.logged_in(version)
        expect(one.hears_text() == (speaker.uin, f"later, {one.uin}"))
        one.logs_out()
        one.close()
    speaker.close()


def test_shows_who_is_online(server):
    people = {version: server.logged_in(version) for version in VERSIONS}
    time.sleep(1)
    for version, one in people.items():
        if one.is_late():
            continue
        expect(set(one.online_friends()) == set(VERSIONS.values()) - {one.uin}, one.online_friends())
    watcher, hidden = people[0x0D55], people[0x3639]
    watcher.listens(0.5)
    watcher.pushes.clear()
    hidden.goes_online(0x28)
    watcher.listens(1.5)
    states = [plain[12] for command, plain in watcher.pushes if command == 0x0081 and plain[:4] == hidden.uin.to_bytes(4, "big")]
    expect(states == [0x14], states)
    expect(hidden.uin not in watcher.online_friends())
    for one in people.values():
        one.logs_out()
        one.close()


def test_a_second_log_in_ends_the_first(server):
    for version, tcp in each_way():
        first = server.logged_in(version, tcp)
        second = server.logged_in(version, tcp)
        first.listens(0.5)
        told = [plain for command, plain in first.pushes if command == 0x0017 and plain[18:20] == b"\0\x30"]
        kicked = b"\0\0\0\0\x01" if first.is_late() else b"\x01/"
        expect(told and told[0][20:].startswith(kicked), first.pushes)
        expect(len(second.keeps_alive()) > 0)
        try:
            first.asks(0x0058 if first.is_late() else 0x0002, b"0", timeout=0.5)
            raise AssertionError(f"{version:04X}: the first session goes on")
        except (Silence, ConnectionError):
            pass
        second.logs_out()
        first.close()
        second.close()


def test_unknown_versions_hear_nothing(server):
    one = server.client(0x0D55)
    one.version = 0x0101
    try:
        one.exchange(0x0062, b"\0", timeout=0.5)
        raise AssertionError("answered")
    except Silence:
        pass
    one.close()


def test_a_picture_logs_in_whom_the_administrator_allows(server):
    for tcp in (False, True):
        one = server.client(0x3639, tcp, uin=0)
        code, picture = one.asks_for_picture()
        expect(picture.startswith(b"\x89PNG"), picture[:8])
        expect(one.asks_about_picture() == 2)
        expect(code in server.ctl("qr", "list") and "127.0.0.1" in server.ctl("qr", "list"))
        server.ctl("qr", "confirm", code, "--uin", VERSIONS[0x3639])
        expect(one.asks_about_picture() == 1 and one.uin == VERSIONS[0x3639], one.uin)
        expect(one.asks_about_picture() == 0)
        one.log_in_d(picture=True)
        one.goes_online()
        expect(len(one.keeps_alive()) > 0)
        again = server.client(0x3639, tcp)
        again.picture_proof = one.picture_proof
        try:
            again.log_in_d(picture=True)
            raise AssertionError("a code serves twice")
        except Refused:
            pass
        one.logs_out()
        one.close()
        again.close()


def test_a_restart_logs_nobody_out(server):
    people = [server.logged_in(version) for version in VERSIONS]
    ports = [f"--set=qq.{name}=127.0.0.1:{server.addresses[name][1]}" for name in ("udp", "tcp")]
    server.stop()
    (server.data / "uhohd.ready").unlink(missing_ok=True)
    fresh = Server(server.data, *ports)
    server.process, server.addresses = fresh.process, fresh.addresses
    for one in people:
        expect(len(one.keeps_alive()) > 0)
    expect(people[0].says(people[-1].uin, "still here")[0] == 0)
    expect(people[-1].hears_text() == (people[0].uin, "still here"))
    for one in people:
        one.logs_out()
        one.close()


def main():
    chosen = sys.argv[1:]
    tests = [(name[5:], one) for name, one in globals().items() if name.startswith("test_")]
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="uhoh-") as data:
        server = Server(data)
        for uin in VERSIONS.values():
            server.ctl("user", "add", "--uin", uin, "--password", PASSWORD, "--nick", f"User {uin}", "--qq")
        server.ctl("user", "add", "--uin", ICQ_ONLY, "--password", PASSWORD)
        for one in VERSIONS.values():
            for other in VERSIONS.values():
                if one < other:
                    server.ctl("friend", "add", one, other, "--both")
        for name, test in tests:
            if chosen and name not in chosen:
                continue
            try:
                test(server)
                passed += 1
                print(f"ok - {name}", flush=True)
            except Exception:  # whatever it was, the next test is to run
                failed += 1
                print(f"FAIL - {name}\n{traceback.format_exc()}", flush=True)
                if server.process.poll() is not None:
                    print((server.data / "log").read_text())
                    break
        server.stop()
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

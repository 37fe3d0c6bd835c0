#!/usr/bin/env python3
"""Lets users of every generation of QQ, of ICQ and of OICQ talk to each other over real sockets, and plays every recorded
session of QQ again, with fresh keys, against a running server.

    UHOH_BIN_DIR=build/release/bin tests/e2e/qq_generations_test.py [NAME...]

Names choose tests. The last line is "N passed, N failed, N skipped"; the exit code is 1 when one failed.
"""
import collections
import contextlib
import json
import os
import pathlib
import queue
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback

from listeners import only

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/qq"))
import qq_decoder  # noqa: E402

BIN = pathlib.Path(os.environ.get("UHOH_BIN_DIR", "build/release/bin")).resolve()
GENERATIONS = ("A", "A'", "B", "C", "D")
PATIENCE = 20
KEYS = ("qq.udp", "qq.tcp", "oicq.udp", "oicq.tcp", "icq.udp")


class Skipped(Exception):
    """This server can't do what the test needs."""


def expect(condition, detail=""):
    if not condition:
        raise AssertionError(detail)


class Server:
    """One uhohd with every listener on a free port."""

    def __init__(self, data, *settings):
        self.data = pathlib.Path(data)
        self.settings = [word for setting in settings for word in ("--set", setting)]
        self.addresses = {key: "127.0.0.1:0" for key in KEYS}
        self.process = None

    def start(self):
        ready = self.data / "uhohd.ready"
        ready.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            [BIN / "uhohd", "--data-dir", self.data, *only(BIN / "uhohd", self.addresses), "--set", "server.shards=2",
             "--set", "accounts.password_memory_kib=64", "--set", "accounts.password_passes=1", "--set", "accounts.throttle_first=0ms",
             "--set", "limits.strangers_per_network=100000", "--set", "limits.strangers_in_all=100000", *self.settings],
            stdout=subprocess.DEVNULL, stderr=(self.data / "log").open("ab"))
        deadline = time.monotonic() + 30
        while not ready.exists():
            expect(self.process.poll() is None and time.monotonic() < deadline, "uhohd did not start:\n" + self.log())
            time.sleep(0.05)
        self.addresses = {key: value for key, value in json.loads(ready.read_text())["listeners"].items() if key in KEYS}

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        return self.process.wait(timeout=30)

    def log(self):
        return (self.data / "log").read_text()

    def ctl(self, *arguments):
        done = subprocess.run([BIN / "uhohctl", "--data-dir", self.data, *map(str, arguments)], capture_output=True, text=True,
                              timeout=60, check=False)
        expect(done.returncode == 0, f"uhohctl {arguments}: {done.stdout}{done.stderr}")
        return done.stdout

    def add_user(self, uin, nick, password="secret1", *more):
        self.ctl("user", "add", "--uin", uin, "--password", password, "--nick", nick, "--qq", *more)


@contextlib.contextmanager
def server(*settings):
    with tempfile.TemporaryDirectory(prefix="uhoh-") as data:
        one = Server(data, *settings)
        one.start()
        try:
            yield one
        except BaseException:
            one.stop()
            print(one.log()[-4000:], flush=True)
            raise
        code = one.stop()
        expect(code == 0, f"uhohd ended with {code}:\n{one.log()}")


class Speaker:
    """One user: gives orders to the program `speaker`, and hears what it tells."""

    def __init__(self, what, transport, one, uin, password="secret1", *arguments):
        self.what, self.uin = what, uin
        dialect = what if what in ("icq", "oicq") else "qq"
        self.charset = {"icq": "cp1252", "C": "utf-8", "D": "utf-8"}.get(what, "gb18030")
        self.process = subprocess.Popen(
            [BIN / "speaker", what, transport, one.addresses[f"{dialect}.{transport}"], *arguments], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, "UHOH_PASSWORD": password})
        self.lines = queue.Queue()
        self.heard = []
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def __repr__(self):
        return f"{self.what} {self.uin}"

    def read(self):
        for line in self.process.stdout:
            self.lines.put(line.split())
        self.lines.put(["ended"])

    def order(self, *words):
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()

    def hexed(self, text):
        return text.encode(self.charset).hex()

    def text(self, raw):
        return "" if raw == "-" else bytes.fromhex(raw).decode(self.charset, "replace").rstrip(" ")

    def pump(self, seconds=0.0):
        with contextlib.suppress(queue.Empty):
            self.heard.append(self.lines.get(timeout=seconds) if seconds else self.lines.get_nowait())
            while True:
                self.heard.append(self.lines.get_nowait())

    def find(self, *pattern):
        """All lines that begin so; None stands for any word."""
        self.pump()
        return [line for line in self.heard
                if len(line) >= len(pattern) and all(p is None or str(p) == w for p, w in zip(pattern, line))]

    def wait(self, *pattern, count=1, patience=PATIENCE):
        deadline = time.monotonic() + patience
        while len(found := self.find(*pattern)) < count:
            expect(["ended"] not in self.heard and time.monotonic() < deadline,
                   f"{self} waits for {count} x {pattern}; it heard:\n" + "\n".join(" ".join(line) for line in self.heard[-60:]))
            self.pump(0.05)
        return found

    def log_in(self):
        self.order("log-in", self.uin)
        self.wait("online")
        return self

    def write(self, to, text, verb="text"):
        self.order(verb, to, self.hexed(text))

    def messages(self, sender=None, qun=None):
        """What was written to the user. That somebody added him is a message too: without a text in OICQ, with fields in ICQ."""
        return [(int(line[1]), int(line[2]), self.text(line[3])) for line in self.find("message", sender, qun)
                if line[3] != "-" and "fe" not in re.findall("..", line[3])[:1 if self.what != "icq" else None]]

    def read_from(self, sender, count, qun=None):
        """The texts of somebody, once there are so many."""
        deadline = time.monotonic() + PATIENCE
        while len(found := self.messages(sender, qun)) < count:
            expect(time.monotonic() < deadline, f"{self} waits for {count} messages of {sender}: {self.messages()}")
            self.pump(0.05)
        return [text for _, _, text in found]

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=10)
        self.reader.join(timeout=10)


@contextlib.contextmanager
def speakers():
    """Makes speakers that end with the test."""
    made = []

    def make(*arguments):
        made.append(Speaker(*arguments))
        return made[-1]

    try:
        yield make
    finally:
        for one in made:
            one.close()


def crowd(one, make, transport):
    """A user of each dialect and generation, all online, and everybody's friend."""
    uins = {what: 100001 + index for index, what in enumerate((*GENERATIONS, "oicq", "icq"))}
    for what, uin in uins.items():
        one.add_user(uin, f"nick{uin}", "secret1"[:8])
    for uin in uins.values():
        for other in uins.values():
            if uin < other:
                one.ctl("friend", "add", uin, other, "--both")
    people = [make(what, "udp" if what == "icq" else transport, one, uin) for what, uin in uins.items()]
    for person in people:
        person.log_in()
    return people


def everybody_talks_to_everybody(transport):
    with server() as one, speakers() as make:
        people = crowd(one, make, transport)
        for person in people:
            if person.what in ("A", "A'", "B", "C"):
                person.order("friends")
                person.wait("friends-end")
                others = {str(other.uin) for other in people} - {str(person.uin)}
                expect({line[1] for line in person.find("friend")} == others, f"{person}: {person.find('friend')}")
            elif person.what == "D":  # has no list that is known, but sees who is there
                person.order("who-is-online")
                person.wait("online-end")
                expect(len({line[1] for line in person.find("status", None, "0a")}) >= 4, str(person.find("status")))
        for sender in people:
            for receiver in people:
                if sender is not receiver:
                    sender.write(receiver.uin, f"from {sender.what} to {receiver.what}")
        for receiver in people:
            for sender in people:
                if sender is not receiver:
                    expect(receiver.read_from(sender.uin, 1) == [f"from {sender.what} to {receiver.what}"],
                           f"{receiver}: {receiver.messages(sender.uin)}")
        chinese = [person for person in people if person.what != "icq"]
        for sender, receiver in zip(chinese, chinese[1:] + chinese[:1]):
            sender.write(receiver.uin, "你好，世界")
            expect(receiver.read_from(sender.uin, 2)[1] == "你好，世界", f"{receiver}: {receiver.messages(sender.uin)}")


def test_everybody_talks_to_everybody_over_udp():
    everybody_talks_to_everybody("udp")


def test_everybody_talks_to_everybody_over_tcp():
    everybody_talks_to_everybody("tcp")


def test_log_ins_that_fail_and_that_displace():
    for transport in ("udp", "tcp"):
        with server() as one, speakers() as make:
            for index, what in enumerate(GENERATIONS):
                uin = 100001 + index
                one.add_user(uin, f"nick{uin}")
                wrong = make(what, transport, one, uin, "another")
                wrong.order("log-in", uin)
                wrong.wait("refused")
                unknown = make(what, transport, one, 654321)
                unknown.order("log-in", 654321)
                unknown.wait("refused")
                first = make(what, transport, one, uin).log_in()
                make(what, transport, one, uin).log_in()
                first.wait("lost", 3)


def test_messages_wait_for_those_who_are_away():
    with server() as one, speakers() as make:
        for index, what in enumerate(GENERATIONS):
            one.add_user(100001 + index, f"nick{index}")
        writer = make("B", "udp", one, 100003).log_in()
        before = int(time.time())
        for index, what in enumerate(GENERATIONS):
            if what != "B":
                writer.write(100001 + index, f"while you were away, {what}")
        writer.wait("taken", "0016", count=len(GENERATIONS) - 1)
        time.sleep(2.1)
        for index, what in enumerate(GENERATIONS):
            if what != "B":
                reader = make(what, "udp", one, 100001 + index).log_in()
                line = reader.wait("message", 100003)[0]
                expect(reader.text(line[3]) == f"while you were away, {what}", str(line))
                expect(before - 1 <= int(line[4]) <= before + 2, f"{reader} was told {line[4]}, written at {before}")


def test_sessions_of_udp_outlive_the_server():
    with server() as one, speakers() as make:
        people = crowd(one, make, "udp")
        expect(one.stop(signal.SIGKILL) == -signal.SIGKILL)
        one.start()
        qq_people = [person for person in people if person.what in GENERATIONS]
        for person in qq_people:  # messages wait until their recipient has been heard again
            person.order("keep-alive")
        for sender, receiver in zip(qq_people, qq_people[1:] + qq_people[:1]):
            sender.write(receiver.uin, "still here")
            receiver.read_from(sender.uin, 1)
        for person in people:
            expect(not person.find("lost"), f"{person} lost its session")


# Recorded sessions.

def recorded(name):
    """Each packet of a capture, opened: time, port, whether the client sent it, command, generation, plaintext."""
    opener = qq_decoder.Opener({100001: b"secret1", 100002: b"secret2"})
    for line in (ROOT / "tests/captures/qq" / f"{name}.txt").read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        _, arrow, transport, port, data = line.split()
        data = bytes.fromhex(data)
        while data:
            size = len(data) if transport == "udp" else int.from_bytes(data[:2], "big")
            frame, data = data[:size] if transport == "udp" else data[2:size], data[size:]
            from_client = arrow == "C>"
            _, _, generation, command, seq, uin, body = qq_decoder.parse_header(opener.open(frame, from_client), from_client)
            yield port, from_client, command, seq, uin, generation, body


def what_the_user_did(command, plain, generation, room):
    """The order for a packet that no client sends by itself; None for the others."""
    old = generation in ("A", "A2", "B")
    if command in (0x0001, 0x0062) and (command == 0x0001) == old:
        return ("log-out",)
    if command == 0x0016:
        return ("text", int.from_bytes(plain[4:8], "big"), plain[53:len(plain) - plain[-1]].rstrip(b" ").hex())
    if command == 0x00CD:
        return ("text", int.from_bytes(plain[4:8], "big"), text_element(plain).hex())
    if command == 0x0002 and not old and plain[:1] == b"\x2a":
        return ("qun-text", room, text_element(plain).hex())
    if command == 0x005C and generation == "B":
        return ("level", int.from_bytes(plain[1:5], "big"))
    if command == 0x0030 and old:
        match plain[0]:
            case 0x06:
                return ("find-qun", room)
            case 0x07:
                return ("join-qun", room)
            case 0x0A:
                body = plain[7:]
                return ("qun-text", room, body[:len(body) - body[-1]].hex())
            case 0x0B:
                return ("qun-online", room)
    return None


def is_about_groups(_port, _from_client, command, _seq, _uin, generation, _plain):
    """Whether a packet is of a Qun group; a server without them can't be asked."""
    return command == 0x0030 and generation in ("A", "A2", "B") or command == 0x0002 and generation in ("C", "D")


def text_element(plain):
    """The text of the last element, which is the only one that these clients send."""
    for at in range(len(plain)):
        size = int.from_bytes(plain[at + 1:at + 3], "big")
        inner = int.from_bytes(plain[at + 4:at + 6], "big")
        if plain[at] == 1 and at + 3 + size == len(plain) and plain[at + 3:at + 4] == b"\x01" and inner + 3 == size:
            return plain[at + 6:]
    raise AssertionError("no text element")


PUSHES = {0x0017, 0x00CE, 0x0081, 0x0080}
ACKNOWLEDGEMENTS = {0x0017, 0x00CE, 0x0012}
SILENT = {0x0001, 0x0062} | ACKNOWLEDGEMENTS


def play_again(name, what, transport, by_picture=False):
    """Two clients do what the recorded ones did; they must send the same requests, and each must be answered."""
    settings = ["qq.qr_page=http://127.0.0.1/qr"] if by_picture else []
    with server(*settings) as one, speakers() as make:
        for uin, password, nick in ((100001, "secret1", "alice"), (100002, "secret2", "bob"), (100003, "secret3", "carol"),
                                    (100004, "secret4", "张三")):
            one.add_user(uin, nick, password)
        for uin in range(100001, 100005):
            for other in range(uin + 1, 100005):
                one.ctl("friend", "add", uin, other, "--both")
        room = make_group(one, 100001, (100002, 100003, 100004)) if has_groups() else None
        packets = [packet for packet in recorded(name) if room is not None or not is_about_groups(*packet)]
        uins = {}
        for port, from_client, _, _, uin, _, _ in packets:
            if from_client and uin:
                uins[port] = uin
        people = {port: make(what, transport, one, uin, f"secret{uin - 100000}") for port, uin in uins.items()}
        expected = {port: collections.Counter() for port in people}
        for person in people.values():
            log_in_again(one, person, by_picture)
        sent_before = set()
        for port, from_client, command, seq, _, generation, body in packets:
            if not from_client or command in ACKNOWLEDGEMENTS:
                continue
            if (port, command, seq) not in sent_before and not (command == 0x0002 and not body):
                expected[port][command] += 1
            act = what_the_user_did(command, body, generation, room)
            if act is not None and (port, command, seq) not in sent_before:
                person = people[port]
                settled(person)
                done = len(person.find("taken"))
                person.order(*act)
                if act[0] != "log-out":
                    person.wait("taken", count=done + 1)
            sent_before.add((port, command, seq))
        for port, person in people.items():
            compare(person, expected[port])
        texts = [message for person in people.values() for message in person.messages()]
        expect(len(texts) >= 2, f"{name}: {texts}")


def has_groups():
    """Whether this server has Qun groups."""
    done = subprocess.run([BIN / "uhohctl", "--help"], capture_output=True, text=True, timeout=60, check=True)
    return re.search(r"^ +group\b", done.stdout, re.MULTILINE) is not None


def make_group(one, owner, members):
    """A Qun's number."""
    found = re.search(r"\b2\d{9}\b", one.ctl("group", "create", "--name", "testroom", "--owner", owner, "--members",
                                              ",".join(map(str, members))))
    expect(found, "no number of the new group")
    return int(found[0])


def log_in_again(one, person, by_picture):
    if not by_picture:
        person.log_in()
        return
    person.order("log-in-by-picture")
    person.wait("picture")
    deadline = time.monotonic() + PATIENCE
    while not (code := re.search(r'"code": *"(\w+)"', one.ctl("qr", "list", "--json"))):
        expect(time.monotonic() < deadline, "no log-in by picture waits: " + one.ctl("qr", "list", "--json"))
        time.sleep(0.1)
    one.ctl("qr", "confirm", code[1], "--uin", person.uin)
    person.wait("online")


def settled(person):
    """Waits until everything that was asked is answered."""
    deadline = time.monotonic() + PATIENCE
    while waiting := unanswered(person):
        expect(time.monotonic() < deadline, f"{person}: no answer to {waiting}")
        person.pump(0.02)


def unanswered(person):
    person.pump()
    got = {(line[1], line[2]) for line in person.heard if line[0] == "got"}
    return {(line[1], line[2]) for line in person.heard
            if line[0] == "sent" and int(line[1], 16) not in SILENT and (line[1], line[2]) not in got}


def compare(person, expected):
    person.pump(0.2)
    packets = {(line[1], line[2]) for line in person.heard if line[0] == "sent"}
    ours = collections.Counter(int(command, 16) for command, _ in packets if int(command, 16) not in ACKNOWLEDGEMENTS)
    polls = 0x0819  # as many as it takes until somebody confirms
    ours.pop(polls, None)
    expected.pop(polls, None)
    expect(ours == expected, f"{person} sent {show(ours)}, the recorded program {show(expected)}")
    expect(not person.find("lost", 1) and not unanswered(person), f"{person}: no answer to {unanswered(person)}")


def show(counter):
    return {f"{command:04x}": count for command, count in sorted(counter.items())}


def test_openq_of_2005_again():
    play_again("openq-qq2005", "A", "udp")


def test_openq_of_2005_again_over_tcp():
    play_again("openq-qq2005-tcp", "A", "tcp")


def test_net_oicq_again():
    play_again("netoicq-0f5f", "A'", "udp")


def test_openq_of_2008_again():
    play_again("openq-qq2008", "B", "udp")


def test_libqq_again():
    play_again("libqq-2227", "C", "udp")


def test_go_pcqq_again_by_picture():
    play_again("gopcqq-3639-tcp", "D", "tcp", by_picture=True)


# Qun groups.

def groups_join_everybody(transport):
    if not has_groups():
        raise Skipped("no Qun groups")
    with server() as one, speakers() as make:
        people = crowd(one, make, transport)
        room = make_group(one, people[0].uin, [person.uin for person in people[1:]])
        for sender in people:
            text = f"{sender.what} to all"
            sender.write(room, text, "text" if sender.what in ("icq", "oicq") else "qun-text")
            for receiver in people:
                if receiver is sender:
                    continue
                if receiver.what in ("icq", "oicq"):  # the room writes, and says who it was
                    deadline = time.monotonic() + PATIENCE
                    while not any(text in message for _, _, message in receiver.messages(room)):
                        expect(time.monotonic() < deadline, f"{receiver} waits for {text!r}: {receiver.messages()}")
                        receiver.pump(0.05)
                else:
                    receiver.wait("message", sender.uin, room)
                    expect(receiver.messages(sender.uin, room) == [(sender.uin, room, text)],
                           f"{receiver}: {receiver.messages(sender.uin, room)}")


def test_groups_join_everybody_over_udp():
    groups_join_everybody("udp")


def test_groups_join_everybody_over_tcp():
    groups_join_everybody("tcp")


def main():
    tests = {name: function for name, function in globals().items() if name.startswith("test_")}
    chosen = {name: function for name, function in tests.items() if len(sys.argv) < 2 or any(word in name for word in sys.argv[1:])}
    failed = skipped = 0
    for name, function in chosen.items():
        begun = time.monotonic()
        try:
            function()
            print(f"ok - {name} ({time.monotonic() - begun:.1f} s)", flush=True)
        except Skipped as why:
            skipped += 1
            print(f"skipped - {name}: {why}", flush=True)
        except Exception:
            failed += 1
            print(f"FAIL - {name}\n{traceback.format_exc()}", flush=True)
    print(f"{len(chosen) - failed - skipped} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

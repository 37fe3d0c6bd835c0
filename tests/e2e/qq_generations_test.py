#!/usr/bin/env python3
"""Lets users of every generation of QQ, of ICQ and of OICQ talk to each other over real sockets, and plays every recorded
session of QQ again, with fresh keys, against a running server.

    UHOH_BIN_DIR=build/release/bin tests/e2e/qq_generations_test.py [NAME...]

Names choose tests. The last line is "N passed, N failed, N skipped"; the exit code is 1 when one failed.
"""
import collections
import pathlib
import re
import signal
import sys
import time

from people import GENERATIONS, PATIENCE, crowd, expect, make_group, run, server, speakers

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/qq"))
import qq_decoder  # noqa: E402


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
        room = make_group(one, 100001, (100002, 100003, 100004))
        packets = list(recorded(name))
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


def requests_of(person):
    """What somebody has sent, each packet once, without acknowledgements and polls."""
    polls = 0x0819  # as many as it takes until somebody confirms
    packets = {(line[1], line[2]) for line in person.heard if line[0] == "sent"}
    return collections.Counter(int(command, 16) for command, _ in packets if int(command, 16) not in (*ACKNOWLEDGEMENTS, polls))


def compare(person, expected):
    expected.pop(0x0819, None)
    deadline = time.monotonic() + PATIENCE
    person.pump(0.2)
    while requests_of(person) != expected and time.monotonic() < deadline:
        person.pump(0.1)
    ours = requests_of(person)
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


if __name__ == "__main__":
    sys.exit(run(globals()))

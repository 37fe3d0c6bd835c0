#!/usr/bin/env python3
"""Sends to uhohd's QQ listeners what nobody should send, over real sockets, while two people talk: nothing of it may do
anything, and the two must not notice.

    UHOH_BIN_DIR=build/release/bin tests/e2e/qq_hostile_test.py [NAME...]

The clients are those of tests/qq/qq_client.py, which know nothing of the server's sources. Names choose tests.
"""
import multiprocessing
import os
import pathlib
import re
import socket
import statistics
import struct
import sys
import tempfile
import threading
import time
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "qq"))
from qq_client import PAIR, UNKNOWN_BUILD, Client, encrypt, sized, tlv
from qq_decoder import md5
from qq_session_test import PASSWORD, VERSIONS, Server, expect

#: How long an answer may take while somebody else does his worst; the machine may be busy otherwise.
PATIENCE = 2.0
#: How long a frame may take: see the server's arguments.
FRAME_SECONDS = 4
AGREEMENTS = 200
#: The server's own account greets who is new.
SYSTEM = 10000
#: x coordinates of points on secp192k1, which no table of known keys has; with 02 or 03 before them they are public keys.
CURVE_P = 2**192 - 2**32 - 2**12 - 2**8 - 2**7 - 2**6 - 2**3 - 1


def next_text(one, timeout=5.0):
    """Who said what: as soon as it is there."""
    end = time.monotonic() + timeout
    while True:
        while one.pushes:
            said = one.text_of(*one.pushes.pop(0))
            if said is not None and said[0] != SYSTEM:
                return said
        one.hear(*one.parts(one.net.receive(end - time.monotonic())))


class Talk:
    """Two people who talk until it ends; keeps how long each text took."""

    def __init__(self, server, tcp=False, patience=PATIENCE):
        self.patience = patience
        self.people = [server.logged_in(0x0D55, tcp), server.logged_in(0x3639, tcp)]
        self.times, self.error, self.over = [], None, threading.Event()
        self.thread = threading.Thread(target=self.goes_on)

    def goes_on(self):
        try:
            count = 0
            while not self.over.is_set():
                speaker, listener = self.people[count % 2], self.people[1 - count % 2]
                begin = time.monotonic()
                speaker.says(listener.uin, f"text {count}")
                expect(next_text(listener) == (speaker.uin, f"text {count}"))
                self.times.append(time.monotonic() - begin)
                count += 1
                time.sleep(0.02)
        except Exception as error:  # shown by whoever ends the talk
            self.error = error

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, kind, *_):
        self.over.set()
        self.thread.join()
        for one in self.people:
            one.logs_out()
            one.close()
        if kind is None:
            expect(self.error is None, repr(self.error))
            expect(self.times, "nothing was said")
            slowest = max(self.times)
            print(f"   {len(self.times)} texts meanwhile, the slowest took {slowest * 1000:.0f} ms", flush=True)
            expect(slowest < self.patience, f"a text took {slowest:.2f} s")


def tcp_connection(server):
    one = socket.create_connection(server.addresses["tcp"], timeout=10)
    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return one


def is_closed(connection, within):
    """Reads until the server closes."""
    connection.settimeout(within)
    try:
        while connection.recv(65536):
            pass
        return True
    except TimeoutError:
        return False
    except ConnectionError:
        return True


def metric(server, name):
    found = re.search(rf"^{name}(?:{{[^}}]*}})? ([0-9.e+]+)$", server.ctl("metrics"), re.M)
    expect(found, name)
    return float(found[1])


def test_a_tcp_peer_that_sends_one_byte_a_second(server):
    with Talk(server, tcp=True):
        # Within a session: whole frames may be as slow as they like, a frame may not.
        slow = server.logged_in(0x0F5F, tcp=True)
        packet = slow.frame(0x0002, encrypt(slow.session_key, b"20002"))
        frame = struct.pack(">H", len(packet) + 2) + packet
        strange = tcp_connection(server)
        began = time.monotonic()
        try:
            for octet in frame:
                slow.net.socket.sendall(bytes([octet]))
                strange.sendall(bytes([octet]))
                time.sleep(1)
                expect(time.monotonic() - began < FRAME_SECONDS + 10, "it was not closed")
        except ConnectionError:
            pass
        expect(is_closed(slow.net.socket, 5) and is_closed(strange, 5))
        slow.close()
        strange.close()
        # His number is free: he comes back.
        again = server.logged_in(0x0F5F, tcp=True)
        expect(len(again.keeps_alive()) > 0)
        again.logs_out()
        again.close()


def test_lengths_that_no_frame_has(server):
    with Talk(server, tcp=True):
        for length in (0, 1, 2, 3, 9):
            one = tcp_connection(server)
            one.sendall(struct.pack(">H", length) + bytes(8))
            expect(is_closed(one, 5), f"length {length}")
            one.close()


def test_lengths_of_65535(server):
    with Talk(server, tcp=True):
        # Nonsense of that length, and one that is only announced.
        one = tcp_connection(server)
        one.sendall(b"\xff\xff" + bytes(65533))
        expect(is_closed(one, 5))
        announced = [tcp_connection(server) for _ in range(50)]
        for other in announced:
            other.sendall(b"\xff\xff\x02\x0d\x55")
        # In a session it is a frame that does not open; the session goes on.
        speaker = server.logged_in(0x0F5F, tcp=True)
        body = bytes(65535 - 2 - 11 - 1)
        packet = speaker.frame(0x0016, body)
        expect(len(packet) + 2 == 65535)
        speaker.net.send(packet)
        expect(len(speaker.keeps_alive()) > 0)
        for other in announced:
            expect(is_closed(other, FRAME_SECONDS + 5), "half a frame was waited for")
            other.close()
        speaker.logs_out()
        speaker.close()


def test_bodies_that_do_not_open(server):
    with Talk(server):
        for tcp in (False, True):
            for version in (0x0F5F, 0x111D, 0x2227, 0x3B41):
                one = server.logged_in(version, tcp)
                command = 0x00CD if one.is_late() else 0x0016
                text = one.text_body(one.uin, "hello")
                good = encrypt(one.session_key, text)
                wrong = [encrypt(os.urandom(16), text), good[:-1] + bytes([good[-1] ^ 1]), bytes([good[0] ^ 0x80]) + good[1:],
                         b"", bytes(8), bytes(16)]
                wrong += [good[:size] for size in range(1, 24)] + [good + bytes(size) for size in range(1, 9)]
                for body in wrong:
                    one.net.send(one.frame(command, body))
                expect(len(one.keeps_alive()) > 0, f"{version:04X}")
                one.listens(0.1)
                texts = [text for text in (one.text_of(*push) for push in one.pushes) if text and text[0] != SYSTEM]
                expect(not texts, texts)
                expect(one.says(one.uin, "hello")[0] == 0)
                one.logs_out()
                one.close()


class Tape:
    """Stands before a connection, and keeps what is sent."""

    def __init__(self, net):
        self.net, self.sent = net, []

    def send(self, packet):
        self.sent.append(packet)
        self.net.send(packet)

    def receive(self, timeout):
        return self.net.receive(timeout)

    def close(self):
        self.net.close()


def test_log_ins_that_were_recorded(server):
    with Talk(server):
        for version in (0x0F5F, 0x111D, 0x2227, 0x3B41):
            victim = server.client(version)
            victim.net = tape = Tape(victim.net)
            victim.logs_in()
            log_in = list(tape.sent)
            victim.goes_online()
            # From elsewhere, again and again, and in every order: the session stays, and answers its client alone.
            thief = server.client(version)
            for packets in (log_in, log_in[::-1], tape.sent):
                for packet in packets:
                    thief.net.send(packet)
            thief.net.socket.settimeout(0.3)
            try:
                while True:
                    thief.net.receive(0.3)
            except TimeoutError:
                pass
            expect(len(victim.keeps_alive()) > 0, f"{version:04X}")
            victim.listens(0.2)
            expect(not any(command == 0x0017 and plain[18:20] == b"\x00\x30" for command, plain in victim.pushes),
                   "the session was ended")
            # From his own address as well.
            for packet in log_in:
                tape.net.send(packet)
            expect(len(victim.keeps_alive()) > 0, f"{version:04X}")
            victim.logs_out()
            victim.close()
            thief.close()


def points(count):
    """Public keys that the curve has, other than those that everybody knows."""
    found, x = [], int.from_bytes(md5(b"points"), "big")
    while len(found) < count:
        x += 1
        square = (pow(x, 3, CURVE_P) + 3) % CURVE_P
        root = pow(square, (CURVE_P + 1) // 4, CURVE_P)
        if CURVE_P % 4 == 3 and root * root % CURVE_P == square:
            found.append(b"\x02" + x.to_bytes(24, "big"))
    return found


def stranger_socket(server, address):
    """Elsewhere: limits that concern an address do not concern those who talk."""
    net = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    net.bind((address, 0))
    net.setblocking(False)
    net.connect(server.addresses["udp"])
    return net


def touch_packet(uin, key):
    plain = tlv(0x0018, struct.pack(">H", 1) + UNKNOWN_BUILD + uin.to_bytes(4, "big") + bytes(4)) + tlv(0x0309, bytes(60)) + \
        tlv(0x0114, struct.pack(">H", 0x0102) + sized(PAIR[0], 2))
    return key + encrypt(key, plain)


def test_a_flood_of_log_ins_with_unknown_keys(server):
    """100,000 of them: each an 0836 with a public key that no table has, from an address that has sent an 0825."""
    total, a_second, strangers = 100_000, 4_000, 400
    keys = points(5_000)
    key_at = 11 + 15 + 6  # behind the header, its extension, and what stands before the key
    # Half of them name a number that somebody has.
    senders = []
    for i in range(strangers):
        net = stranger_socket(server, f"127.{i % 200 + 1}.{i // 200 + 1}.7")
        one = Client(0x3639, VERSIONS[0x3639] if i % 2 else 30_000 + i, PASSWORD, server.addresses["udp"])
        key = os.urandom(16)
        net.send(one.frame(0x0825, touch_packet(one.uin, key)))
        body = struct.pack(">HH", 1, 0x0102) + sized(keys[0], 2) + bytes(2) + sized(key, 2) + os.urandom(8 * 60)
        senders.append((net, bytearray(one.frame(0x0836, body))))
        one.close()
    def flood(count, first):
        began = time.monotonic()
        for sent in range(count):
            net, packet = senders[sent % strangers]
            # Another number each time, so that none is a repeat, and another key.
            packet[0] = first
            struct.pack_into(">H", packet, 5, sent // strangers & 0xFFFF)
            packet[key_at:key_at + 25] = keys[sent % len(keys)]
            try:
                net.send(packet)
            except BlockingIOError:
                pass
            if sent % 500 == 0:
                time.sleep(max(0.0, began + sent / a_second - time.monotonic()))

    def median_during(talk, count, first):
        calm = len(talk.times)
        flooder = multiprocessing.get_context("fork").Process(target=flood, args=(count, first))
        flooder.start()
        flooder.join()
        expect(flooder.exitcode == 0)
        return statistics.median(talk.times[calm:])

    before = metric(server, "uhoh_session_datagrams_received_total")
    # A packet of those who talk may find the kernel's buffer full: then it is sent again after two seconds.
    with Talk(server, patience=6.0) as talk:
        time.sleep(2)
        quiet = statistics.median(talk.times)
        # The same packets with another first byte, which is nobody's: what the machine makes of so many.
        nonsense = median_during(talk, total // 5, 0x05)
        began = time.monotonic()
        loud = median_during(talk, total, 0x02)
        took = time.monotonic() - began
    heard = metric(server, "uhoh_session_datagrams_received_total") - before
    made = metric(server, "uhoh_qq_agreements_total")
    print(f"   {total} in {took:.1f} s; {heard:.0f} packets heard in all, {made:.0f} agreements; a text took {quiet * 1000:.1f} ms "
          f"before, {nonsense * 1000:.1f} ms during as much nonsense, {loud * 1000:.1f} ms meanwhile (median)", flush=True)
    expect(heard > total / 2, "there was no flood")
    expect(loud < 3 * nonsense + 0.1, "others were delayed")
    expect(made > 0, "the keys were no keys")
    expect(made <= AGREEMENTS * (took + 3), "too many agreements")
    for net, _ in senders:
        net.close()


def test_a_flood_of_log_ins_that_begin(server):
    """The first steps of every generation, from one address: answered within the limits, and harmless."""
    steps, net = [], stranger_socket(server, "127.7.7.7")
    for version in VERSIONS:
        one = server.client(version)
        if one.generation == "A":
            steps.append((one, 0x0062, b"\0"))
        elif one.generation == "D":
            steps.append((one, 0x0825, touch_packet(one.uin, os.urandom(16))))
        else:
            steps.append((one, {"A2": 0x00BA, "B": 0x0091, "C": 0x0091}[one.generation], os.urandom(16) + os.urandom(48)))
    with Talk(server):
        end = time.monotonic() + 4
        count = 0
        while time.monotonic() < end:
            for one, command, body in steps:
                try:
                    net.send(one.frame(command, body))
                    count += 1
                except BlockingIOError:
                    pass
            if count % 400 == 0:
                time.sleep(0.01)
    print(f"   {count} steps", flush=True)
    net.close()
    for one, _, _ in steps:
        one.close()


def test_frames_of_agents(server):
    """00, 03, 04 and 05 are for agents of files and pictures, which are not there: nobody answers, a connection is closed."""
    with Talk(server):
        one = server.logged_in(0x0F5F)
        for first in (0x00, 0x03, 0x04, 0x05):
            for command in (0x0021, 0x0022, 0x0023, 0x0026, 0x0031):
                one.net.send(struct.pack(">BHHHI", first, 0x0F5F, command, 1, one.uin) + bytes(40) + b"\3")
        expect(len(one.keeps_alive()) > 0)
        one.listens(0.3)
        texts = [text for text in (one.text_of(*push) for push in one.pushes) if text and text[0] != SYSTEM]
        expect(not texts, texts)
        for first in (0x00, 0x03, 0x04, 0x05):
            other = tcp_connection(server)
            packet = struct.pack(">BHHHI", first, 0x0F5F, 0x0021, 1, one.uin) + bytes(40) + b"\3"
            other.sendall(struct.pack(">H", len(packet) + 2) + packet)
            expect(is_closed(other, 5), first)
            other.close()
        one.logs_out()
        one.close()


def main():
    chosen = sys.argv[1:]
    tests = [(name[5:], one) for name, one in globals().items() if name.startswith("test_")]
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="uhoh-") as data:
        server = Server(data, "--set", f"limits.frame_time={FRAME_SECONDS}s",
                        "--set", "limits.session_flood_capacity=100000", "--set", "limits.session_flood_per_second=100000")
        for uin in VERSIONS.values():
            server.ctl("user", "add", "--uin", uin, "--password", PASSWORD, "--nick", f"User {uin}", "--qq")
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

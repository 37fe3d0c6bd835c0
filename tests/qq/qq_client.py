"""A small client of QQ, generations A to D, over UDP and TCP: written from the protocol's description alone, so that it
checks the server and not the server's own idea of itself. Nothing here comes from src/."""
import os
import socket
import struct
import time

from qq_decoder import DELTA, GENERATION, WORD, decrypt, md5

UNKNOWN_BUILD = struct.pack(">III", 0x0000044C, 1, 0x00001551)
BUILD_C = bytes.fromhex("0001" + "0000080401e0" + "00000350" + "00000001" + "00000d6f")
PAIR = (bytes.fromhex("03943dcbe9123861ecf7adbde3369191070150be50391cd332"),
        bytes.fromhex("fd0b797831e68854fcfaea84529c7d0b"))


class Refused(Exception):
    """The server said no, in words."""


class Silence(Exception):
    """No answer came in time."""


def encrypt(key, plain):
    a, b, c, d = struct.unpack(">4I", key)
    fill = (8 - (len(plain) + 10) % 8) % 8
    data = bytes([os.urandom(1)[0] & 0xF8 | fill]) + os.urandom(fill + 2) + plain + bytes(7)
    sealed, before, mixed_before = b"", (0, 0), (0, 0)
    for at in range(0, len(data), 8):
        block = struct.unpack_from(">2I", data, at)
        mixed = (block[0] ^ before[0], block[1] ^ before[1])
        y, z = mixed
        total = 0
        for _ in range(16):
            total = total + DELTA & WORD
            y = y + ((z << 4) + a ^ z + total ^ (z >> 5) + b) & WORD
            z = z + ((y << 4) + c ^ y + total ^ (y >> 5) + d) & WORD
        before = (y ^ mixed_before[0], z ^ mixed_before[1])
        mixed_before = mixed
        sealed += struct.pack(">2I", *before)
    return sealed


def sized(data, width):
    return len(data).to_bytes(width, "big") + data


def tlv(tag, value):
    return struct.pack(">HH", tag, len(value)) + value


def values_of(data):
    """Tagged values by their tags."""
    found = {}
    while data:
        tag, size = struct.unpack_from(">HH", data)
        found[tag] = data[4:4 + size]
        data = data[4 + size:]
    return found


class Udp:
    def __init__(self, address):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.connect(address)

    def send(self, packet):
        self.socket.send(packet)

    def receive(self, timeout):
        self.socket.settimeout(max(timeout, 0.001))
        return self.socket.recv(65536)

    def close(self):
        self.socket.close()


class Tcp:
    def __init__(self, address):
        self.socket = socket.create_connection(address, timeout=10)
        self.unread = b""

    def send(self, packet):
        self.socket.sendall((len(packet) + 2).to_bytes(2, "big") + packet)

    def receive(self, timeout):
        while len(self.unread) < 2 or len(self.unread) < int.from_bytes(self.unread[:2], "big"):
            self.socket.settimeout(max(timeout, 0.001))
            more = self.socket.recv(65536)
            if not more:
                raise ConnectionError("the server closed the connection")
            self.unread += more
        size = int.from_bytes(self.unread[:2], "big")
        packet, self.unread = self.unread[2:size], self.unread[size:]
        return packet

    def close(self):
        self.socket.close()


class Client:
    """One client of a version. What the server sends by itself is acknowledged and kept in `pushes`."""

    def __init__(self, version, uin, password, address, tcp=False):
        self.version, self.uin, self.password = version, uin, password.encode()
        self.generation = GENERATION[version]
        self.net = (Tcp if tcp else Udp)(address)
        self.sequence = int.from_bytes(os.urandom(2), "big")
        self.random_key = os.urandom(16)
        self.session_key = None
        self.pushes = []   # (command, plaintext)
        self.heard = set()
        self.acknowledges = True

    # ---- frames ----
    def k1(self):
        return md5(self.password)

    def k2(self):
        return md5(self.k1())

    def kq(self):
        return md5(self.k1() + bytes(4) + self.uin.to_bytes(4, "big"))

    def is_late(self):
        return self.generation in "CD"

    def extension(self, command):
        if not self.is_late():
            return b""
        if self.generation == "C":
            return bytes.fromhex("020000000101010000641f")
        return bytes.fromhex("03000000010101000067b700000000") if self.session_key is None and command != 0x0828 \
            else bytes.fromhex("020000000101010000" + "67b7")

    def frame(self, command, body, sequence=None):
        if sequence is None:
            self.sequence = sequence = self.sequence + 1 & 0xFFFF
        return struct.pack(">BHHHI", 2, self.version, command, sequence, self.uin) + self.extension(command) + body + b"\3"

    def parts(self, packet):
        """Command, sequence and body of a packet of the server."""
        if packet[0] != 2 or packet[-1] != 3:
            raise AssertionError(f"no frame: {packet.hex()}")
        command, sequence = struct.unpack_from(">HH", packet, 3)
        return command, sequence, packet[14:-1] if self.is_late() else packet[7:-1]

    def exchange(self, command, body, timeout=5.0):
        """Sends a step, and gives the body of its answer; sends it again as clients do."""
        packet = self.frame(command, body)
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            self.net.send(packet)
            again = min(time.monotonic() + 2, deadline)
            while time.monotonic() < again:
                try:
                    answer = self.net.receive(again - time.monotonic())
                except TimeoutError:
                    break
                got, sequence, rest = self.parts(answer)
                if (got, sequence) == (command, self.sequence):
                    return rest
                self.hear(got, sequence, rest)
        raise Silence(f"no answer to {command:04X}")

    def keyed(self, command, plain, *keys):
        body = self.exchange(command, self.random_key + encrypt(self.random_key, plain))
        for key in (self.random_key, *keys):
            opened = decrypt(key, body)
            if opened is not None:
                return opened
        raise AssertionError(f"the answer to {command:04X} does not open")

    # ---- log-ins ----
    def logs_in(self):
        {"A": self.log_in_a, "A2": self.log_in_a2, "B": self.log_in_b, "C": self.log_in_c, "D": self.log_in_d}[self.generation]()

    def clear_token(self):
        body = self.exchange(0x0062, b"\0")
        assert body[0] == 0 and body[1] == len(body) - 2, body.hex()
        return body[2:]

    def finish_a(self, plain):
        answer = self.keyed(0x0022, plain, self.k2())
        if answer[0] != 0:
            raise Refused(answer[1:].decode("gb18030"))
        self.session_key = answer[1:17]
        assert int.from_bytes(answer[17:21], "big") == self.uin
        assert len(answer) == 148, len(answer)

    def log_in_a(self):
        token = self.clear_token()
        begin = encrypt(self.k2(), b"") + bytes(36) + b"\x0a" + bytes(16) + sized(token, 1)
        self.finish_a(begin + bytes(416 - len(begin)))

    def log_in_a2(self):
        answer = self.keyed(0x00BA, bytes.fromhex("01000500000000"))
        assert answer[:4] == bytes.fromhex("01000500"), answer.hex()
        token = answer[6:]
        begin = encrypt(self.k2(), b"") + bytes(36) + b"\x0a" + bytes(41) + sized(token, 1)
        self.finish_a(begin + bytes(441 - len(begin)))

    def log_in_b(self):
        blob = self.keyed(0x0091, bytes(15))
        assert blob[:2] == bytes(2)
        first = self.clear_token()
        answer = self.keyed(0x00BA, sized(first, 1) + bytes.fromhex("03000500000000") + b"\0" + bytes(2))
        assert answer[:4] == bytes.fromhex("03000500"), answer.hex()
        second = answer[6:]
        k1 = self.k1()
        proof = encrypt(self.k2(), k1 + bytes(2) + os.urandom(2))
        plain = bytes(2) + bytes.fromhex("080401e0") + sized(second, 1) + sized(proof, 2) + sized(bytes(20), 2) + \
            sized(b"\0" + k1[1:3], 2)
        answer = self.keyed(0x00DD, sized(plain, 2))
        if answer[2] != 0:
            raise Refused(f"{answer[2]:02X}")
        at, parts = 7, []
        for _ in range(3):
            size = int.from_bytes(answer[at:at + 2], "big")
            parts.append(answer[at + 2:at + 2 + size])
            at += 2 + size
        token, key = parts[2], answer[at:at + 16]
        plain = bytes(2) + sized(encrypt(self.k2(), k1 + bytes(2) + b"\xff\xff"), 2) + encrypt(self.k2(), b"") + bytes(35) + \
            b"\0\x0a" + bytes(10) + bytes(15) + bytes(16) + sized(second, 1) + bytes(320)
        body = self.exchange(0x0022, sized(token, 2) + encrypt(key, plain))
        answer = decrypt(key, body)
        if answer[0] != 0:
            raise Refused(answer[1:].decode("gb18030"))
        assert len(answer) >= 150
        self.session_key = answer[1:17]

    def log_in_c(self):
        answer = self.keyed(0x0091, BUILD_C + bytes(15))
        size = int.from_bytes(answer[17:19], "big")
        first = answer[19:19 + size]
        answer = self.keyed(0x00BA, BUILD_C + sized(first, 2) + bytes.fromhex("030005") + bytes(14))
        assert answer[:4] == bytes.fromhex("03000500"), answer.hex()
        second = answer[10:]
        k4 = os.urandom(16)
        proof = encrypt(self.kq(), os.urandom(4) + b"\0\1" + self.uin.to_bytes(4, "big") + BUILD_C[8:] + bytes(3) + self.k1() +
                        bytes(4) + bytes(13) + bytes(4) + bytes(8) + sized(bytes(16), 2) + k4)
        answer = self.keyed(0x00DD, b"\x00\xde" + BUILD_C + sized(second, 2) + sized(proof, 2) + bytes(330))
        if answer[2] != 0:
            raise Refused(f"{answer[2]:02X}")
        at, parts = 3, []
        size = int.from_bytes(answer[at:at + 2], "big")
        a0 = answer[at + 2:at + 2 + size]
        at += 2 + size + 4
        moment = answer[at:at + 4]
        at += 4
        for _ in range(2):
            size = int.from_bytes(answer[at:at + 2], "big")
            parts.append(answer[at + 2:at + 2 + size])
            at += 2 + size
        a1, a2 = parts
        k0, k1 = answer[at:at + 16], answer[at + 18:at + 34]

        def step(command, plain, key):
            return decrypt(key, self.exchange(command, sized(a2, 2) + encrypt(k0, plain)))
        answer = step(0x00E5, bytes(2) + BUILD_C[:2] + b"\0" + BUILD_C[2:] + sized(second, 2) + sized(a0, 2) + bytes(4) + moment +
                      sized(a1, 2) + bytes(60), k1)
        k2 = answer[4:20]
        at = 20 + 8 + 4 + 4 + 4 + 8
        size = int.from_bytes(answer[at:at + 2], "big")
        v0 = answer[at + 2:at + 2 + size]
        answer = step(0x0030, b"\0\1" + BUILD_C[8:] + bytes(4) + moment + bytes(4) + bytes(8) + sized(v0, 2) + bytes(35) +
                      bytes(16) + b"\0\x0a" + bytes(480), k2)
        if answer[0] != 0:
            raise Refused(f"{answer[0]:02X}")
        self.session_key = answer[1:17]

    def asks_for_picture(self):
        """Gives the code in the picture, and the picture."""
        body = self.exchange(0x0818, self.random_key + encrypt(
            self.random_key, tlv(0x0019, struct.pack(">H", 1) + UNKNOWN_BUILD + bytes(2)) +
            tlv(0x0114, struct.pack(">H", 0x0102) + sized(PAIR[0], 2)) + tlv(0x0305, bytes(30))))
        answer = decrypt(PAIR[1], body)
        assert answer[0] == 0
        found = values_of(answer[1:])
        self.picture_key, self.picture_ticket = answer[7:23], answer[29:85]  # where go-pcqq looks for them
        self.picture_code = found[0x0301][2:]
        return self.picture_code.decode(), found[0x0302][2:]

    def asks_about_picture(self):
        """02: nobody has looked at it; 01: somebody has; 00: the log-in may go on, and the number is known."""
        ping = tlv(0x0019, struct.pack(">H", 1) + UNKNOWN_BUILD + bytes(2))
        packet = self.frame(0x0819, struct.pack(">HHH", 0x30, 0x3A, 0x38) + self.picture_ticket + encrypt(
            self.picture_key, ping + struct.pack(">HH", 0x0301, 22) + sized(self.picture_code, 2)))
        self.net.send(packet)
        answer = self.net.receive(5)
        plain = decrypt(self.picture_key, answer[14:-1])
        self.uin = int.from_bytes(answer[7:11], "big") or self.uin
        if plain[0] == 0:
            found = values_of(plain[1:])
            self.picture_proof = tlv(0x0303, found[0x0303]), found[0x0304]
        return plain[0]

    def log_in_d(self, picture=False):
        ping = struct.pack(">H", 1) + UNKNOWN_BUILD
        number = self.uin.to_bytes(4, "big")
        answer = self.keyed(0x0825, tlv(0x0018, ping + number + bytes(4)) + tlv(0x0309, bytes(60)) +
                            tlv(0x0114, struct.pack(">H", 0x0102) + sized(PAIR[0], 2)))
        assert answer[0] == 0
        token = values_of(answer[1:])[0x0112]
        ticket_key = os.urandom(16)
        proof = encrypt(self.kq(), os.urandom(4) + b"\0\2" + number + UNKNOWN_BUILD + bytes(2) + b"\0" + self.k1() + bytes(4) +
                        bytes(13) + bytes(12) + sized(bytes(16), 2) + ticket_key)
        proof = tlv(0x0006, proof)
        if picture:
            proof, ticket_key = self.picture_proof
        plain = tlv(0x0112, token) + tlv(0x030F, sized(b"PC", 2)) + tlv(0x0005, b"\0\2" + number) + proof + \
            tlv(0x0015, bytes(300))
        body = self.exchange(0x0836, struct.pack(">HH", 1, 0x0102) + sized(PAIR[0], 2) + bytes(2) + sized(self.random_key, 2) +
                             encrypt(PAIR[1], plain))
        outer = decrypt(PAIR[1], body)
        inner = decrypt(ticket_key, outer)
        if inner is None:
            raise Refused(f"{outer[0]:02X}")
        found = values_of(inner[1:])
        keys, tickets = found[0x0109], found[0x0107]
        request_key = keys[2:18]
        signature = keys[20:20 + 0x38]
        reply_key = tickets[4 + 22:4 + 22 + 16]
        ticket = tickets[4 + 22 + 16 + 2:4 + 22 + 16 + 2 + 136]
        body = self.exchange(0x0828, struct.pack(">HHH", 0x30, 0x3A, 0x38) + signature +
                             encrypt(request_key, tlv(0x0007, ticket) + tlv(0x0015, bytes(280))))
        answer = decrypt(reply_key, body)
        assert answer[0] == 0
        self.session_key = answer[63:79]  # where go-pcqq looks for it
        assert values_of(answer[1:])[0x010C][2:18] == self.session_key

    # ---- within a session ----
    def asks(self, command, plain, timeout=5.0):
        answer = decrypt(self.session_key, self.exchange(command, encrypt(self.session_key, plain), timeout))
        assert answer is not None, f"the answer to {command:04X} does not open"
        return answer

    def sends(self, command, plain, sequence=None):
        self.net.send(self.frame(command, encrypt(self.session_key, plain), sequence))

    def hear(self, command, sequence, body):
        plain = decrypt(self.session_key, body)
        if plain is None:
            return
        if self.acknowledges and command in (0x0017, 0x00CE):
            self.net.send(self.frame(command, encrypt(self.session_key, plain[:16]), sequence))
        if self.acknowledges and command == 0x0080 and not self.is_late():
            function, sender = plain.split(b"\x1f")[:2]
            self.sends(0x0012, function + b"\x1e" + sender + b"\x1e" + sequence.to_bytes(2, "big"), 0)
        if (command, sequence) not in self.heard:
            self.heard.add((command, sequence))
            self.pushes.append((command, plain))

    def listens(self, seconds):
        """Takes what comes by itself."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                self.hear(*self.parts(self.net.receive(end - time.monotonic())))
            except (TimeoutError, ConnectionError):
                return

    def goes_online(self, status=0x0A):
        if self.is_late():
            return self.asks(0x00EC, b"\1\0" + bytes([status]) + bytes.fromhex("000100010004" + "00000000"))
        if self.generation == "B":
            return self.asks(0x000D, bytes([status]) + bytes(4) + bytes(4) + bytes(2))
        return self.asks(0x000D, bytes([status]) + bytes(4))

    def keeps_alive(self):
        return self.asks(0x0058, bytes.fromhex("00010001")) if self.is_late() else self.asks(0x0002, str(self.uin).encode())

    def logs_out(self):
        for _ in range(4):
            self.sends(0x0062 if self.is_late() else 0x0001, bytes(16), 0xFFFF)

    def friends(self):
        """Numbers and nicks of all friends (A, A', B)."""
        found, start = {}, 0
        extra = 8 if self.generation == "B" else 4
        while start != 0xFFFF:
            answer = self.asks(0x0026, struct.pack(">HB", start, 0) + bytes(2))
            start, data = int.from_bytes(answer[:2], "big"), answer[2:]
            while data:
                number, size = int.from_bytes(data[:4], "big"), data[8]
                found[number] = data[9:9 + size].decode("gb18030")
                data = data[9 + size + extra:]
        return found

    def entries(self):
        """Numbers of all friends (C, D)."""
        answer = self.asks(0x00EB, b"\1" + bytes(8) + b"\0\1")
        data, found = answer[20:], set()
        while len(data) >= 6:
            found.add(int.from_bytes(data[:4], "big"))
            data = data[6:]
        return found

    def online_friends(self):
        """Numbers and states of those who are online (A, A', B)."""
        answer = self.asks(0x0027, bytes.fromhex("0200000000"))
        size = 42 if self.generation == "B" else 38
        data = answer[1:]
        return {int.from_bytes(data[at:at + 4], "big"): data[at + 12] for at in range(0, len(data), size)}

    def adds(self, uin):
        return self.asks(0x0009, str(uin).encode())

    def text_body(self, to, text):
        digest = md5(self.uin.to_bytes(4, "big") + self.session_key)
        begin = struct.pack(">II", self.uin, to)
        peer = struct.pack(">HII", self.version, self.uin, to) + digest + struct.pack(">HHI", 0x000B, self.sequence, int(time.time()))
        if not self.is_late():
            font = bytes.fromhex("000a000000008602cbcecce5") + b"\x0d"
            return begin + peer + struct.pack(">HI", 0, 1) + bytes.fromhex("0100000001") + text.encode("gb18030") + b" " + font
        rich = b"MSG" + bytes(5) + struct.pack(">II", int(time.time()), 7) + bytes.fromhex("00000000" + "0a" + "00" + "8600") + \
            sized("Tahoma".encode(), 2) + bytes(2)
        content = text.encode()
        element = b"\1" + sized(b"\1" + sized(content, 2), 2)
        return begin + sized(bytes.fromhex("0001000400000000"), 4) + peer + bytes(2) + bytes(4) + bytes.fromhex("0100000001") + rich + \
            element

    def says(self, to, text):
        return self.asks(0x00CD if self.is_late() else 0x0016, self.text_body(to, text))

    def hears_text(self, timeout=5.0):
        """Who said what: the next text that comes."""
        end = time.monotonic() + timeout
        while True:
            for at, (command, plain) in enumerate(self.pushes):
                said = self.text_of(command, plain)
                if said is not None:
                    del self.pushes[at]
                    return said
            if time.monotonic() >= end:
                raise Silence("no text came")
            self.listens(min(0.2, end - time.monotonic()))

    def text_of(self, command, plain):
        kind = int.from_bytes(plain[18:20], "big")
        sender = int.from_bytes(plain[:4], "big")
        if command == 0x0017 and kind in (0x0009, 0x000A, 0x0084):
            begin = 73 if kind == 0x0084 else 65
            return sender, plain[begin:-plain[-1]].decode("gb18030").rstrip(" ")
        if command == 0x00CE and kind == 0x00A6:
            at = plain.index(b"MSG") + 8 + 8 + 8
            at += 2 + int.from_bytes(plain[at:at + 2], "big") + 2
            text = ""
            while at < len(plain):
                size = int.from_bytes(plain[at + 1:at + 3], "big")
                if plain[at] == 1:
                    text += plain[at + 6:at + 3 + size].decode()
                at += 3 + size
            return sender, text
        return None

    def close(self):
        self.net.close()

"""A second decoder of QQ, written from the protocol's description alone, to check the first one against.

It opens frames (decrypt, learn keys), decodes what is in them by the layouts of qq_layouts.py, and writes them as
uhoh-dump does.
"""
import hashlib
import re
import struct

from qq_layouts import BEFORE, CLIENT, GROUPS, SERVER, TAGGED

DELTA = 0x9E3779B9
WORD = 0xFFFFFFFF

GENERATION = {0x0D55: "A", 0x0E1B: "A", 0x0F15: "A", 0x0F5F: "A2", 0x111D: "B", 0x115B: "B", 0x1E0D: "C",
              0x2227: "C", 0x3639: "D", 0x3709: "D", 0x3713: "D", 0x3B41: "D"}
KNOWN_PAIRS = {
    "03943dcbe9123861ecf7adbde3369191070150be50391cd332": "fd0b797831e68854fcfaea84529c7d0b",
    "027828167c9ef3b75a7b5aefa23010ec0c4687707631a788ea": "60423b51c3b1f60f67e89c00f0a7bda3",
}


class Undecodable(Exception):
    """Bytes that are not what they claim to be."""


def md5(data):
    return hashlib.md5(data).digest()


def decrypt_block(block, key):
    y, z = block
    a, b, c, d = key
    total = DELTA * 16 & WORD
    for _ in range(16):
        z = z - ((y << 4) + c ^ y + total ^ (y >> 5) + d) & WORD
        y = y - ((z << 4) + a ^ z + total ^ (z >> 5) + b) & WORD
        total = total - DELTA & WORD
    return y, z


def decrypt(key, sealed):
    """The plaintext, or None when the key does not fit."""
    if len(sealed) < 16 or len(sealed) % 8:
        return None
    words = struct.unpack(">4I", key)
    plain, mixed, before = b"", (0, 0), (0, 0)
    for at in range(0, len(sealed), 8):
        block = struct.unpack_from(">2I", sealed, at)
        mixed = decrypt_block((block[0] ^ mixed[0], block[1] ^ mixed[1]), words)
        plain += struct.pack(">2I", mixed[0] ^ before[0], mixed[1] ^ before[1])
        before = block
    begin = (plain[0] & 7) + 3
    if plain[-7:] != bytes(7) or begin + 7 > len(plain):
        return None
    return plain[begin:-7]


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        if self.at + count > len(self.data):
            raise Undecodable("truncated")
        self.at += count
        return self.data[self.at - count:self.at]

    def number(self, width):
        return int.from_bytes(self.take(width), "big")

    def rest(self):
        return self.take(len(self.data) - self.at)

    @property
    def left(self):
        return len(self.data) - self.at


def show_bytes(data):
    return " ".join(f"{octet:02x}" for octet in data) or "(none)"


def show_text(data):
    out = '"'
    for octet in data:
        if octet in b'"\\':
            out += "\\" + chr(octet)
        elif octet == 0x0D:
            out += "\\r"
        elif octet == 0x0A:
            out += "\\n"
        elif 0x20 <= octet <= 0x7E:
            out += chr(octet)
        else:
            out += f"\\x{octet:02x}"
    return out + '"'


def split_top(text, separator):
    """Splits at separators that stand in no bracket."""
    parts, depth, begin = [], 0, 0
    for at, char in enumerate(text):
        depth += (char == "[") - (char == "]")
        if char == separator and depth == 0:
            parts.append(text[begin:at])
            begin = at + 1
    return [part for part in parts + [text[begin:]] if part]


def expand(layout):
    """Puts the named groups in; `{GROUP}?` makes all its fields optional."""
    def put(match):
        fields = GROUPS[match[1]]
        return re.sub(r"(?<=\S)(?=\s|$)", "?", fields) if match[2] else fields
    while "{" in layout:
        layout = re.sub(r"\{(\w+)\}(\??)", put, layout)
    return layout


def read_records(reader, layout, count=None, only_whole=False):
    shown = []
    while reader.left if count is None else len(shown) < count:
        begin = reader.at
        try:
            fields = [f"{name}: {value}" for name, value, _ in read_fields(reader, layout.replace(",", " "))]
        except Undecodable:
            if not only_whole:
                raise
            reader.at = begin
            break
        shown.append("{" + ", ".join(fields) + "}")
    return "[" + ", ".join(shown) + "]"


def read_font(data):
    tail = data[-1] if data else 0
    if 9 <= tail <= len(data) and data[-tail] == 0:
        return f"{show_text(data[:-tail])} font {show_bytes(data[-tail:])}"
    return show_text(data)


def read_to(reader, separator):
    end = reader.data.find(separator, reader.at)
    if end < 0:
        raise Undecodable("truncated")
    text = reader.take(end - reader.at)
    reader.take(1)
    return show_text(text)


def read_tlv(reader):
    tags = []
    while reader.left:
        tags.append(f"0x{reader.number(2):04x}")
        reader.take(reader.number(2))
    return "[" + ", ".join(tags) + "]"


def read_value(reader, form):
    if form in ("1", "2", "4", "n"):
        return str(reader.number(4 if form == "n" else int(form)))
    if re.fullmatch(r"x[124]", form):
        return f"0x{reader.number(int(form[1])):0{2 * int(form[1])}x}"
    if form == "ip":
        return ".".join(map(str, reader.take(4)))
    if re.fullmatch(r"b\d+", form):
        return show_bytes(reader.take(int(form[1:])))
    if re.fullmatch(r"[ds][124]", form):
        data = reader.take(reader.number(int(form[1])))
        return show_bytes(data) if form[0] == "d" else show_text(data)
    if form.endswith("]"):
        kind, inner = form[:-1].split("[", 1)
        count = reader.number(int(kind)) if kind in ("1", "2") else None
        return read_records(reader, inner, count, kind == "whole")
    simple = {"rest": lambda: show_bytes(reader.rest()), "text": lambda: show_text(reader.rest()),
              "font": lambda: read_font(reader.rest()), "to1f": lambda: read_to(reader, b"\x1f"),
              "to1e": lambda: read_to(reader, b"\x1e"), "tlv": lambda: read_tlv(reader)}
    return simple[form]()


def read_fields(reader, layout):
    """Yields name, shown value and raw bytes of each field that is there."""
    fields = []
    for part in split_top(expand(layout), " "):
        name, form = part.split(":", 1)
        if form.endswith("?"):
            if not reader.left:
                continue
            form = form[:-1]
        begin = reader.at
        shown = read_value(reader, form.rstrip("!"))
        fields.append((name, "***" if form.endswith("!") else shown, reader.data[begin:reader.at]))
    return fields


def parse_frame(frame, from_client):
    """Header, version word, generation, command, sequence number, number (or None), body of a frame."""
    if frame[0] != 2 or frame[-1] != 3:
        raise Undecodable("foreign prefix")
    return (*parse_header(frame[:-1], from_client),)


def parse_header(packet, from_client):
    word, command, seq = struct.unpack_from(">3H", packet, 1)
    generation = GENERATION.get(word)
    if generation is None:
        raise Undecodable("unsupported version")
    size, uin = 7, None
    if from_client:
        uin, size = struct.unpack_from(">I", packet, 7)[0], 11
        if generation in "CD":
            size += {2: 11, 3: 15, 4: 19}[packet[11]]
    elif generation in "CD":
        uin, size = struct.unpack_from(">I", packet, 7)[0], 14
    return packet[:size], word, generation, command, seq, uin, packet[size:]


def envelope_of(from_client, generation, command):
    old = generation in ("A", "A2", "B")
    if command == 0x0062:
        return "clear" if old else "sealed"
    if not from_client:
        return "sealed"
    if command in (0x0091, 0x00BA, 0x00DD, 0x0825, 0x0818) or (command == 0x0022 and generation != "B"):
        return "random_key"
    if command == 0x0022 or (generation == "C" and command in (0x00E5, 0x00E3, 0x0030)):
        return "sized_token"
    if command in (0x0819, 0x0828):
        return "ticket"
    return "agreement" if command == 0x0836 else "sealed"


def split_body(envelope, body):
    reader = Reader(body)
    read_fields(reader, BEFORE[envelope])
    return body[:reader.at], body[reader.at:]


UNSERVED_OLD = (0x002D, 0x005E, 0x0065, 0x0066, 0x0067, 0x00A6, 0x00B7)
UNSERVED_NEW = (0x0001, 0x003E, 0x005C, 0x0067, 0x00B5, 0x0115, 0x0126, 0x0134, 0x0195, 0x019B, 0x01A5, 0x01C4,
                0x01C5, 0x0319, 0x0352, 0x0360, 0x0388, 0x0391, 0x03E3, 0x03F7, 0x03FC)
QUN_SUBS = {0x01: "CREATE", 0x02: "MEMBERS_CHANGE", 0x03: "CHANGE", 0x04: "INFO_REQUEST", 0x05: "ACTIVATE", 0x06: "SEARCH",
            0x07: "JOIN", 0x08: "AUTHORIZE", 0x09: "QUIT", 0x0A: "SEND", 0x0B: "ONLINE_REQUEST",
            0x0C: "CARDS_REQUEST", 0x1A: "SEND_PART", 0x1D: "DISMISS"}
QUN_DONE = {0x01: "CREATED", 0x02: "MEMBERS_CHANGED", 0x03: "CHANGED", 0x05: "ACTIVATED", 0x06: "SEARCH_REPLY", 0x07: "JOINED",
            0x08: "AUTHORIZED", 0x09: "LEFT", 0x0A: "SENT", 0x0B: "ONLINE", 0x0C: "CARDS", 0x1A: "PART_SENT",
            0x1D: "DISMISSED"}

LATE_QUN_SUBS = {0x06: "SEARCH", 0x08: "AUTHORIZE", 0x09: "QUIT", 0x0B: "ONLINE_REQUEST", 0x0C: "CARDS_REQUEST",
                 0x0F: "NAMES_REQUEST", 0x19: "JOIN", 0x20: "LIST_REQUEST", 0x72: "INFO_REQUEST"}
LATE_QUN_DONE = {0x06: "SEARCH_REPLY", 0x08: "AUTHORIZED", 0x09: "LEFT", 0x0B: "ONLINE", 0x0C: "CARDS", 0x0F: "NAMES",
                 0x19: "JOINED", 0x20: "LIST"}


def late_qun_reply_name(word, plain):
    if len(plain) > 1 and plain[1] != 0:
        return "LATE_QUN_REFUSED"
    if len(plain) > 13 and plain[0] == 0x72 and plain[13] in (2, 3):
        return f"LATE_QUN_{'INFO' if plain[13] == 3 else 'MEMBERS'}_{word:04X}"
    if len(plain) > 1 and plain[0] in LATE_QUN_DONE:
        return "LATE_QUN_" + LATE_QUN_DONE[plain[0]]
    return "QUN_SHORT_ANSWER"


def subtype_of_elements(plain, offset):
    at = offset + 4 + int.from_bytes(plain[offset:offset + 4], "big") + 26
    return plain[at:at + 2]


def authorize_name(sub, early):
    if sub == 2:
        return "AUTHORIZE_A" if early else "AUTHORIZE_B"
    return "AUTHORIZE_ANSWER" if sub in (3, 4, 5) else "AUTHORIZE_OTHER"


def client_name(generation, command, plain):
    old = generation in ("A", "A2", "B")
    early = generation in ("A", "A2")
    first = plain[0] if plain else None
    if old:
        names = {
            0x0001: "LOG_OUT_AB", 0x0002: "KEEP_ALIVE_AB", 0x0004: "PROFILE_UPDATE", 0x0005: "SEARCH",
            0x0006: "PROFILE_REQUEST", 0x0009: "ADD_FRIEND_OLD", 0x000B: "AUTHORIZE_OLD",
            0x0012: "SYSTEM_MESSAGE_ACK", 0x001C: "REMOVE_MYSELF", 0x0026: "FRIENDS_REQUEST",
            0x003D: "GROUP_PLACES_UPLOAD", 0x0058: "GROUP_PLACES_REQUEST", 0x0061: "ADVANCED_SEARCH",
            0x0062: "TOKEN_REQUEST", 0x00B5: "CODE_CHECK",
            0x0022: {"A": "LOG_IN_A", "A2": "LOG_IN_A2", "B": "LOG_IN_B"}[generation],
            0x0016: "SEND_TEXT" if plain[34:36] == b"\x00\x0b" else "SEND_TO_PEER",
            0x0030: "QUN_" + QUN_SUBS.get(first, "UNSERVED"),
            0x003C: {1: "GROUP_NAMES_REQUEST", 2: "GROUP_NAMES_UPLOAD"}.get(first),
            0x003E: {0: "ALL_REMARKS_REQUEST", 1: "REMARKS_UPLOAD", 2: "REMARKS_DELETE", 3: "REMARKS_REQUEST",
                     5: "REMARK_RENAME"}.get(first),
            0x005C: "LEVEL_REQUEST" if generation == "B" and first in (8, 0x88) else "LEVELS_REQUEST",
        }
        if command in UNSERVED_OLD:
            return "UNSERVED"
        if generation == "A2":
            names[0x00BA] = {1: "CAPTCHA_REQUEST_A", 2: "CAPTCHA_CODE_A"}.get(first)
        if generation == "B":
            sub = plain[1 + first] if plain and len(plain) > 1 + first else None
            names |= {0x0091: "TOUCH_B", 0x00DD: "PROVE_PASSWORD_B",
                      0x00BA: {3: "CAPTCHA_REQUEST_B", 4: "CAPTCHA_CODE_B"}.get(sub)}
    else:
        names = {
            0x0002: "SEND_TO_QUN" if first == 0x2A else "QUN_OTHER", 0x003C: "PROFILE_REQUEST_C",
            0x0058: "KEEP_ALIVE_CD", 0x0062: "LOG_OUT_CD", 0x00CE: "ELEMENTS_ACK", 0x00EC: "GO_ONLINE",
            0x00CD: "SEND_ELEMENTS" if subtype_of_elements(plain, 8) == b"\x00\x0b" else "SEND_OTHER",
        }
        if generation == "C" and command == 0x0126 and first == 0x01:
            return "NICKS_REQUEST"
        if generation == "C" and command == 0x0001 and first == 0x1F:
            return "LATE_GROUP_NAMES_REQUEST"
        if command in UNSERVED_NEW:
            return "LEVEL_REQUEST" if command == 0x005C and first in (8, 0x88) else "UNSERVED"
        if generation == "C":
            if first in LATE_QUN_SUBS:
                names[0x0002] = "LATE_QUN_" + LATE_QUN_SUBS[first]
            names |= {0x0004: "LATE_PROFILE_UPDATE", 0x000B: "AUTHORIZE_OLD", 0x0030: "LOG_IN_C", 0x0091: "TOUCH_C", 0x00BA: "CAPTCHA_REQUEST_C", 0x00DD: "PROVE_PASSWORD_C",
                      0x00E3: "ASK_OWN_NICK", 0x00E5: "EXCHANGE_TOKENS", 0x00E9: "SETTLE_E9", 0x00EA: "SETTLE_EA",
                      0x00ED: "SETTLE_ED", 0x00EB: "ENTRIES_REQUEST", 0x0012: "SYSTEM_MESSAGE_ACK"}
        else:
            names |= {0x0818: "QR_REQUEST", 0x0819: "QR_POLL", 0x0825: "TOUCH", 0x0828: "OPEN_SESSION",
                      0x0836: "PROVE_PASSWORD"}
    names |= {0x000A: "DELETE_FRIEND_A" if early else "DELETE_FRIEND_B",
              0x000D: "SET_STATUS_A" if early else "SET_STATUS_B", 0x0017: "TEXT_ACK", 0x001D: "KEY_REQUEST",
              0x0027: "ONLINE_REQUEST", 0x00A7: "ADD_FRIEND", 0x00A8: authorize_name(first, generation == "A"),
              0x00AE: "CODE_REQUEST"}
    return names.get(command)


def push_name(plain):
    kind, subtype = plain[18:20].hex(), plain[46:48].hex()
    if kind in ("0009", "000a"):
        return "TEXT_ARRIVED" if subtype == "000b" else "FROM_PEER_ARRIVED"
    if kind == "0084" and subtype == "000b":
        return "SPACED_TEXT_ARRIVED"
    if "0021" <= kind <= "0025":
        return "QUN_EVENT"
    return {"0018": "NEWS", "0030": "SERVER_NOTICE", "002b": "QUN_TEXT"}.get(kind)


def qun_reply_name(word, plain):
    if len(plain) > 1 and plain[1] == 0:
        if plain[0] == 4:
            return {0x0D55: "QUN_INFO_0D55", 0x0F5F: "QUN_INFO_B", 0x111D: "QUN_INFO_B",
                    0x115B: "QUN_INFO_B"}.get(word, "QUN_INFO_A")
        if plain[0] == 6 and word == 0x0F5F:
            return "QUN_SEARCH_REPLY_A2"
        if plain[0] in QUN_DONE:
            return "QUN_" + QUN_DONE[plain[0]]
    return "QUN_REFUSED"


def server_name(word, generation, command, plain):
    old = generation in ("A", "A2", "B")
    early = generation in ("A", "A2")
    first = plain[0] if plain else None
    def at(index, table, default=None):
        return table.get(plain[index], default) if len(plain) > index else None
    if old:
        if command in UNSERVED_OLD:
            return "SHORT_ANSWER"
        names = {
            0x0002: "KEEP_ALIVE_REPLY_A" if early else f"KEEP_ALIVE_REPLY_{word:04X}", 0x0004: "PROFILE_UPDATED",
            0x0005: "SEARCH_REPLY_A2" if generation == "A2" else "SEARCH_REPLY", 0x0006: "PROFILE_REPLY", 0x0009: "ADD_FRIEND_OLD_REPLY",
            0x000B: "AUTHORIZED_OLD", 0x0016: "TEXT_TAKEN", 0x0017: push_name(plain), 0x001C: "MYSELF_REMOVED",
            0x0022: {0: "LOGGED_IN_A" if early else "LOGGED_IN_B", 1: "LOG_IN_ELSEWHERE"}.get(first, "LOG_IN_REFUSED"),
            0x0026: "FRIENDS_REPLY_A" if early else "FRIENDS_REPLY_B", 0x0030: qun_reply_name(word, plain),
            0x003C: {1: "GROUP_NAMES_REPLY", 2: "GROUP_NAMES_KEPT"}.get(first), 0x003D: "GROUP_PLACES_KEPT",
            0x003E: {0: "REMARKS_PAGE", 3: "REMARKS_REPLY"}.get(first, "REMARKS_KEPT"), 0x0058: "GROUP_PLACES_REPLY",
            0x005C: "LEVEL_REPLY" if generation == "B" and first in (8, 0x88) else "LEVELS_REPLY",
            0x0061: "ADVANCED_REPLY" if first == 0 else "ADVANCED_END", 0x0062: "TOKEN_REPLY",
            0x00B5: "CODE_CHECKED",
        }
        if generation == "A2":
            names[0x00BA] = at(3, {0: "CAPTCHA_PASSED", 1: "CAPTCHA_PICTURE_A"})
        if generation == "B":
            names |= {0x0091: "TOUCH_REPLY_B", 0x00BA: at(3, {0: "CAPTCHA_PASSED", 1: "CAPTCHA_PICTURE_B"}),
                      0x00DD: at(2, {0: "PASSWORD_PROVEN_B"}, "PASSWORD_REFUSED_B")}
    else:
        if command == 0x003C and len(plain) >= 13 and plain[:2] == b"\x00\x01":
            return "PROFILE_REPLY_C"
        if generation == "C" and command == 0x0126 and len(plain) > 1:
            return f"NICKS_REPLY_{word:04X}"
        if generation == "C" and command == 0x0001 and first == 0x1F:
            return "LATE_GROUP_NAMES"
        if command in UNSERVED_NEW or command == 0x003C:
            return "LEVEL_REPLY" if command == 0x005C and first in (8, 0x88) else "SHORT_ANSWER"
        names = {
            0x0002: "QUN_TAKEN" if first == 0x2A else "QUN_SHORT_ANSWER",
            0x0017: {b"\x00\x52": "QUN_ARRIVED", b"\x00\x30": "SERVER_NOTICE_C"}.get(plain[18:20]), 0x0058: "KEEP_ALIVE_REPLY_CD",
            0x00CD: "ELEMENTS_TAKEN", 0x00EC: "WENT_ONLINE",
            0x00CE: "ELEMENTS_ARRIVED" if subtype_of_elements(plain, 20) == b"\x00\x0b" else "OTHER_ARRIVED",
        }
        if generation == "C":
            if first != 0x2A:
                names[0x0002] = late_qun_reply_name(word, plain)
            if plain[18:20] == b"\x00\x52":
                names[0x0017] = "LATE_QUN_ARRIVED"
            names |= {0x0004: "LATE_PROFILE_UPDATED", 0x000B: "AUTHORIZED_OLD",
                      0x0030: "LOGGED_IN_C" if first == 0 else "LOG_IN_REFUSED_C", 0x0091: "TOUCH_REPLY_C",
                      0x00BA: at(3, {0: "CAPTCHA_PASSED_C", 1: "CAPTCHA_PICTURE_C"}),
                      0x00DD: at(2, {0: "PASSWORD_PROVEN_C"}, "PASSWORD_REFUSED_C"), 0x00E3: "OWN_NICK",
                      0x00E5: "TOKENS_EXCHANGED", 0x00E9: "SETTLED_E9", 0x00EA: "SETTLED_EA", 0x00ED: "SETTLED_ED",
                      0x00EB: "ENTRIES_REPLY"}
        else:
            names |= {0x0818: "QR_PICTURE", 0x0819: "QR_STATE", 0x0825: "TOUCH_REPLY", 0x0828: "SESSION_OPENED",
                      0x0836: "PASSWORD_OUTCOME"}
            if command == 0x001D and first in (0x11, 0x33):
                return "WEB_KEY" if first == 0x11 else "DOMAIN_KEYS"
    names |= {0x000A: "FRIEND_DELETED", 0x000D: "STATUS_SET", 0x001D: "FILE_KEY",
              0x0027: "ONLINE_REPLY_A" if early else "ONLINE_REPLY_B", 0x0080: "SYSTEM_MESSAGE", 0x0081: "STATUS_PUSH",
              0x00A7: "ADD_FRIEND_REPLY", 0x00A8: "AUTHORIZED", 0x00AE: "CODE_REPLY"}
    return names.get(command)


def tagged_values(plain):
    reader, values = Reader(plain), []
    while reader.left:
        tag = reader.number(2)
        values.append((tag, reader.take(reader.number(2))))
    return values


def dump(opened, from_client):
    """Writes an opened packet (header, what stood before the ciphertext, plaintext) as uhoh-dump does."""
    _, word, generation, command, seq, uin, body = parse_header(opened, from_client)
    envelope = envelope_of(from_client, generation, command)
    before, plain = (b"", body) if envelope == "clear" else split_body(envelope, body)
    name = client_name(generation, command, plain) if from_client else server_name(word, generation, command, plain)
    if name is None:
        raise Undecodable("unknown command")
    layout = (CLIENT if from_client else SERVER)[name]
    lines = [f"{'>' if from_client else '<'} {command:04X} {name} version={word:04X} seq={seq}"
             + ("" if uin is None else f" uin={uin}")]
    lines += [f"  {field}: {shown}" for field, shown, _ in read_fields(Reader(before), BEFORE[envelope])]
    reader = Reader(plain)
    lines += [f"  {field}: {shown}" for field, shown, _ in read_fields(reader, layout)]
    if reader.left:
        lines.append(f"  (more): {'***' if '!' in expand(layout) else show_bytes(reader.rest())}")
    if layout.endswith("VALUES:tlv"):
        for tag, value in tagged_values(plain[0 if from_client else 1:]):
            title, inner = TAGGED.get(tag, ("(unknown)", None))
            lines.append(f"  {tag:04X} {title}")
            if inner is None:
                continue
            inner_reader = Reader(value)
            lines += [f"    {field}: {shown}" for field, shown, _ in read_fields(inner_reader, inner)]
            if inner_reader.left:
                lines.append(f"    (more): {'***' if '!' in inner else show_bytes(inner_reader.rest())}")
    return "\n".join(lines) + "\n"


class Opener:
    """Opens the frames of recorded conversations, and learns each key that a packet hands out."""

    def __init__(self, passwords):
        self.keys = []
        for uin, password in passwords.items():
            k1 = md5(password)
            self.keys += [md5(k1), md5(k1 + bytes(4) + struct.pack(">I", uin))]

    def decrypt(self, sealed):
        for key in reversed(self.keys):
            plain = decrypt(key, sealed)
            if plain is not None:
                return plain
        return None

    def learn(self, key):
        if len(key) == 16 and key not in self.keys:
            self.keys.append(key)

    def learn_fields(self, fields):
        for name, _, raw in fields:
            if name.endswith("_KEY") and name != "PUBLIC_KEY" or name in ("K0", "K1", "K2", "K3"):
                self.learn(raw)
            if name == "PUBLIC_KEY" and raw[2:].hex() in KNOWN_PAIRS:
                self.learn(bytes.fromhex(KNOWN_PAIRS[raw[2:].hex()]))

    def open(self, frame, from_client):
        """The opened packet of a frame, or None when no key fits."""
        header, word, generation, command, _, _, body = parse_frame(frame, from_client)
        envelope = envelope_of(from_client, generation, command)
        if envelope == "clear":
            return header + body
        before, sealed = split_body(envelope, body)
        self.learn_fields(read_fields(Reader(before), BEFORE[envelope]))
        plain = self.decrypt(sealed)
        if plain is None:
            return None
        if not from_client and command == 0x0836:
            plain = self.decrypt(plain) or plain
        name = client_name(generation, command, plain) if from_client else server_name(word, generation, command, plain)
        layout = (CLIENT if from_client else SERVER)[name]
        self.learn_fields(read_fields(Reader(plain), layout))
        if layout.endswith("VALUES:tlv"):
            for tag, value in tagged_values(plain[0 if from_client else 1:]):
                if tag in TAGGED:
                    self.learn_fields(read_fields(Reader(value), TAGGED[tag][1]))
                if tag == 0x0006:
                    proof = self.decrypt(value)
                    if proof:
                        self.learn(proof[-16:])
        return header + before + plain

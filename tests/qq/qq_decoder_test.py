#!/usr/bin/env python3
"""Checks that the second decoder of QQ agrees with the first: TEA vectors, every vector, every recorded packet.

    qq_decoder_test.py PATH_OF_UHOH_DUMP
"""
import pathlib
import re
import subprocess
import sys
import unittest

import qq_decoder

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PASSWORDS = {100001: b"secret1", 100002: b"secret2"}
BLOCK = re.compile(r"^```(hex|dump)\n(.*?)^```", re.MULTILINE | re.DOTALL)
UHOH_DUMP = "uhoh-dump"


def recorded(capture):
    """Yields label, whether it comes from the client, and the frames of each line of a capture."""
    for line in capture.read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        time, arrow, transport, port, data = line.split()
        data = bytes.fromhex(data)
        while data:
            size = len(data) if transport == "udp" else int.from_bytes(data[:2], "big")
            yield f"{time} {port}", arrow == "C>", data[:size] if transport == "udp" else data[2:size]
            data = data[size:]


class Agreement(unittest.TestCase):
    maxDiff = None

    def test_every_tea_vector_decrypts(self):
        lines = [line.split() for line in (ROOT / "tests/vectors/qq/tea.txt").read_text().splitlines()
                 if not line.startswith("#")]
        self.assertEqual(len(lines), 48)
        for key, plain, sealed, _ in lines:
            expected = b"" if plain == "-" else bytes.fromhex(plain)
            self.assertEqual(qq_decoder.decrypt(bytes.fromhex(key), bytes.fromhex(sealed)), expected)

    def test_every_vector_shows_the_same(self):
        count = 0
        for file in sorted((ROOT / "tests/vectors/qq").glob("*.md")):
            data = None
            for kind, text in BLOCK.findall(file.read_text()):
                if kind == "hex":
                    data = bytes.fromhex(text)
                elif data is not None:
                    self.assertEqual(qq_decoder.dump(data, text.startswith(">")), text, file.name)
                    count, data = count + 1, None
        self.assertGreater(count, 150)

    def test_every_recorded_packet_shows_the_same(self):
        options = [f"--password={uin}:{password.decode()}" for uin, password in PASSWORDS.items()]
        for capture in sorted((ROOT / "tests/captures/qq").glob("*.txt")):
            opener = qq_decoder.Opener(PASSWORDS)
            shown = "".join(f"{label} {qq_decoder.dump(opener.open(frame, from_client), from_client)}"
                            for label, from_client, frame in recorded(capture))
            first = subprocess.run([UHOH_DUMP, *options, capture], capture_output=True, text=True, timeout=60, check=True)
            self.assertEqual(shown, first.stdout, capture.name)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__.strip())
    UHOH_DUMP = sys.argv.pop()
    unittest.main()

#!/usr/bin/env python3
"""Writes the hex blocks of vector files as seeds for a fuzz target, one file for each datagram.

    tools/make_seeds.py FOLDER VECTORS.md...
"""
import hashlib
import pathlib
import re
import sys

HEX_BLOCK = re.compile(r"^```hex\n(.*?)^```", re.MULTILINE | re.DOTALL)


def main() -> int:
    if len(sys.argv) < 3:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    for name in sys.argv[2:]:
        path = pathlib.Path(name)
        for block in HEX_BLOCK.findall(path.read_text(encoding="utf-8")):
            try:
                datagram = bytes.fromhex(block)
            except ValueError as error:
                print(f"{name}: {error} in: {block.strip()}", file=sys.stderr)
                return 1
            digest = hashlib.sha256(datagram).hexdigest()[:12]
            (folder / f"{path.stem}-{digest}").write_bytes(datagram)
            count += 1
    print(f"{count} seeds in {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

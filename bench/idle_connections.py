#!/usr/bin/env python3
"""Measures what idle TCP connections cost a server: its memory with none, with strangers, with everybody logged in.

    bench/idle_connections.py [--bin build/release/bin] [--connections 10000] [--hold SECONDS]

Starts uhohd on a data directory of its own below /dev/shm, makes that many accounts, opens that many connections to the
OICQ port, logs each in, lets them be silent, and asks every one for a sign of life at the end. Both programs need as many
descriptors (ulimit -n). The kernel's own memory for the sockets is not counted.
"""

import argparse
import json
import os
import pathlib
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests/e2e"))
from listeners import only  # noqa: E402  (stands beside the tests)

FIRST = 100_000
PASSWORD = b"load"


def frame(kind, content):
    return struct.pack(">BBBBI", 0x81, 0x0A, 0x01, kind, len(content)) + content


def memory(pid):
    """Bytes of a process's own memory: what is in it and shared with nobody."""
    fields = {}
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, value = line.split(":")
        fields[name] = int(value.split()[0]) * 1024
    return fields["Private_Clean"] + fields["Private_Dirty"]


def wait_for_frames(clients, kind, patience=60):
    """Reads until every client has had a frame of this kind; how long the slowest took."""
    poll = select.epoll()
    missing = {client.fileno(): (client, bytearray()) for client in clients}
    for descriptor in missing:
        poll.register(descriptor, select.EPOLLIN)
    began = time.monotonic()
    while missing:
        if time.monotonic() - began > patience:
            sys.exit(f"{len(missing)} of {len(clients)} clients had no frame {kind:02X} within {patience} s")
        for descriptor, _ in poll.poll(1):
            client, read = missing[descriptor]
            try:
                part = client.recv(65536)
            except ConnectionError:
                part = b""
            if not part:
                sys.exit("the server has closed a connection")
            read += part
            while len(read) >= 8:
                length = struct.unpack(">I", read[4:8])[0]
                if len(read) < 8 + length:
                    break
                got, content = read[3], read[8:8 + length]
                del read[:8 + length]
                if got == 2 and content[0] != 1:
                    sys.exit("a log-in was refused")
                if got == kind:
                    poll.unregister(descriptor)
                    del missing[descriptor]
                    break
    return time.monotonic() - began


def start_server(binaries, directory, count):
    log = (directory / "log").open("wb")
    server = subprocess.Popen(
        [binaries / "uhohd", "--data-dir", directory, *only(binaries / "uhohd", {"oicq.tcp": "127.0.0.1:0"}),
         "--set", "accounts.password_memory_kib=8", "--set", "accounts.password_passes=1",
         "--set", f"limits.connections_per_address={count}", "--set", "log.level=warn"], stderr=log)
    ready = directory / "uhohd.ready"
    while not ready.exists():
        if server.poll() is not None:
            sys.exit((directory / "log").read_text())
        time.sleep(0.05)
    host, port = json.loads(ready.read_text())["listeners"]["oicq.tcp"].rsplit(":", 1)
    subprocess.run([binaries / "uhohctl", "--data-dir", directory, "user", "add-range", "--first", str(FIRST),
                    "--count", str(count), "--password", PASSWORD.decode()], check=True, stdout=subprocess.DEVNULL)
    return server, (host, int(port))


def measure(args, server, address):
    pid, count = server.pid, args.connections
    figures = [("none", memory(pid))]
    began = time.monotonic()
    strangers = [socket.create_connection(address) for _ in range(count)]
    print(f"connected: {count} in {time.monotonic() - began:.1f} s")
    time.sleep(1)
    figures.append(("strangers", memory(pid)))
    for stranger in strangers:
        stranger.close()
    time.sleep(1)

    # Who does not log in within seconds is closed: each logs in as soon as he is connected.
    began = time.monotonic()
    clients = []
    for first in range(0, count, 200):
        batch = [socket.create_connection(address) for _ in range(min(200, count - first))]
        for i, client in enumerate(batch, FIRST + first):
            client.sendall(frame(0x02, struct.pack(">IH", i, len(PASSWORD)) + PASSWORD + b"\0"))
        wait_for_frames(batch, 0x02)
        clients += batch
    print(f"connected and logged in: {count} in {time.monotonic() - began:.1f} s")
    time.sleep(args.hold)
    figures.append((f"logged in, after {args.hold} s", memory(pid)))

    for i, client in enumerate(clients, FIRST):
        client.sendall(frame(0x16, struct.pack(">I", i)))
    print(f"all {count} have answered after {wait_for_frames(clients, 0x16):.2f} s more")
    figures.append(("logged in, all have spoken", memory(pid)))

    none = figures[0][1]
    for name, bytes_in_use in figures:
        each = (bytes_in_use - none) / count
        print(f"{name:30} {bytes_in_use / 2**20:8.1f} MiB {each:8.0f} bytes a connection")
    return max(each for each in ((b - none) / count for _, b in figures))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=pathlib.Path, default=pathlib.Path("build/release/bin"))
    parser.add_argument("--connections", type=int, default=10_000)
    parser.add_argument("--hold", type=int, default=70, help="seconds of silence (default 70: past the server's minute)")
    args = parser.parse_args()
    directory = pathlib.Path(tempfile.mkdtemp(prefix="uhoh-idle-", dir="/dev/shm"))
    server = None
    try:
        server, address = start_server(args.bin, directory, args.connections)
        worst = measure(args, server, address)
    finally:
        if server is not None:
            server.send_signal(signal.SIGTERM)
            server.wait(60)
            print((directory / "log").read_text(), end="", file=sys.stderr)
        shutil.rmtree(directory, ignore_errors=True)
    print(f"budget: under 4096 bytes; worst {worst:.0f}: {'held' if worst < 4096 else 'MISSED'}")
    return 0 if worst < 4096 else 1


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Measures how long after kill -9 a server with many sessions answers the first keep-alive.

    bench/restart.py --bin build/release/bin --data-dir DIR -- UHOHD-OPTIONS...

The data directory must hold the sessions of a server that runs now (uhoh-load idle --no-log-off leaves them). The
script ends that server with SIGKILL, starts it again with the options given, and speaks for one of its sessions from
that session's own loopback address and port.
"""

import argparse
import json
import os
import pathlib
import signal
import socket
import struct
import subprocess
import sys
import time


def a_session(binaries, data_dir):
    """Number and endpoint of one session: the first that uhohctl lists, a line each."""
    listing = subprocess.Popen([binaries / "uhohctl", "--data-dir", data_dir, "session", "list", "--json"],
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    for line in listing.stdout:
        if line.startswith("{"):
            one = json.loads(line.rstrip().rstrip(","))
            listing.stdout.close()
            listing.wait()
            address, port = one["address"].rsplit(":", 1)
            return one["uin"], (address, int(port))
    raise SystemExit("the server has no session")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=pathlib.Path, default=pathlib.Path("build/release/bin"))
    parser.add_argument("--data-dir", type=pathlib.Path, required=True)
    parser.add_argument("options", nargs="*")
    args = parser.parse_args()
    ready = json.loads((args.data_dir / "uhohd.ready").read_text())
    host, port = ready["listeners"]["icq.udp"].rsplit(":", 1)
    uin, endpoint = a_session(args.bin, args.data_dir)
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.bind(endpoint)
    client.settimeout(0.02)

    os.kill(ready["pid"], signal.SIGKILL)
    while pathlib.Path(f"/proc/{ready['pid']}").exists():
        time.sleep(0.01)
    started = time.monotonic()
    with (args.data_dir / "restart.log").open("ab") as log:
        server = subprocess.Popen([args.bin / "uhohd", "--data-dir", args.data_dir,
                                   "--set", f"icq.udp={host}:{port}", "--set", "oicq.udp=", "--set", "oicq.tcp=",
                                   "--set", "qq.udp=", "--set", "qq.tcp=", "--set", "web.http=",
                                   *args.options], stderr=log)
    sequence = 20000
    while time.monotonic() - started < 120 and server.poll() is None:
        sequence += 1
        client.sendto(struct.pack("<HHHI", 2, 0x042E, sequence, uin), (host, int(port)))
        try:
            answer = client.recv(2048)
        except (TimeoutError, ConnectionRefusedError):
            continue
        if struct.unpack("<HH", answer[:4]) == (2, 0x000A):
            resident = [line for line in pathlib.Path(f"/proc/{server.pid}/status").read_text().splitlines()
                        if line.startswith("VmRSS")][0].split()[1]
            print(f"first keep-alive answered after {time.monotonic() - started:.2f} s, "
                  f"{int(resident) // 1024} MiB resident then; process {server.pid} goes on, its log is restart.log")
            return 0
    print("no keep-alive was answered", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())

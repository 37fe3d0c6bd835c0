#!/usr/bin/env python3
"""Shows a picture to log in with, as QQ of 2013 does: tests/web/qr_test.mjs lets it in.

    tests/web/qq_picture.py HOST PORT

Prints the code, then each state as it changes: "waiting", "scanned 10001", "confirmed", "in"; ends with standard input.
"""
import pathlib
import select
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "qq"))
from qq_client import Client, Refused, Silence


def say(*words):
    print(*words, flush=True)


def main():
    one = Client(0x3639, 0, "", (sys.argv[1], int(sys.argv[2])))
    code, picture = one.asks_for_picture()
    assert picture.startswith(b"\x89PNG")
    say("code", code)
    last = None
    while not select.select([sys.stdin], [], [], 0.2)[0]:
        try:
            state = one.asks_about_picture()
        except (Silence, TimeoutError):
            say("silence")
            time.sleep(1)
            continue
        if state != last:
            say({2: "waiting", 1: f"scanned {one.uin}", 0: "confirmed"}[state])
        last = state
        if state == 0:
            one.log_in_d(picture=True)
            one.goes_online()
            say("in")
            again = Client(0x3639, one.uin, "", (sys.argv[1], int(sys.argv[2])))
            again.picture_proof = one.picture_proof
            try:
                again.log_in_d(picture=True)
                say("twice")
            except (Refused, Silence, TimeoutError):
                say("once")
            return


main()

#!/usr/bin/env python3
"""Kills the server while users of every dialect write to one room: whatever it has acknowledged comes to every member,
and each member reads what somebody wrote in the order in which he wrote it.

A message comes twice only when the server died after the member's client had acknowledged it and before that was
kept (docs/rooms.md); such repeats are counted and printed.

    UHOH_BIN_DIR=build/release/bin tests/e2e/rooms_crash_test.py [NAME...]

UHOH_CRASH_ROUNDS (24) and UHOH_CRASH_KILLS (3) make the runs longer.
"""
import os
import re
import signal
import sys
import time

from people import crowd, expect, make_group, run, server, speakers

ROUNDS = int(os.environ.get("UHOH_CRASH_ROUNDS", "24"))
KILLS = int(os.environ.get("UHOH_CRASH_KILLS", "3"))
PATIENCE = 60
# A server that is just gone must not cost the speakers their sessions: they try again for longer than it is away.
SETTINGS = ("qq.resend=200ms", "qq.transmissions=12")


def texts_of(receiver, room):
    """What the room brought somebody, as (sender's name, number)."""
    found = (re.search(r"<(\S+) (\d+)>", text) for _, _, text in receiver.messages(None, None))
    return [(match[1], int(match[2])) for match in found if match]


def write_rounds(one, people, room):
    """Everybody writes in turns; the server is killed now and then."""
    kill_at = {ROUNDS * (k + 1) // (KILLS + 1) for k in range(KILLS)}
    for number in range(ROUNDS):
        for sender in people:
            sender.write(room, f"<{sender.what} {number}>", "text" if sender.what in ("icq", "oicq") else "qun-text")
        if number in kill_at:
            expect(one.stop(signal.SIGKILL) == -signal.SIGKILL)
            one.start()
            for person in people:  # messages wait until their recipient has been heard again
                if person.what not in ("icq", "oicq"):
                    person.order("keep-alive")
        time.sleep(0.1)
        for sender in people:
            sender.wait("taken", count=max(0, number - 1), patience=PATIENCE)
    for sender in people:
        expect(not sender.find("cannot"), f"{sender} could not write: {sender.find('cannot')}")
        expect(not sender.find("given-up"), f"{sender} gave up: {sender.find('given-up')}")


def check(receiver, senders, room):
    """Waits until everything has come; gives how many came again."""
    wanted = {sender.what: list(range(ROUNDS)) for sender in senders if sender is not receiver}
    deadline = time.monotonic() + PATIENCE
    while True:
        firsts = {name: [] for name in wanted}
        texts = texts_of(receiver, room)
        for name, number in texts:
            if name in firsts and number not in firsts[name]:
                firsts[name].append(number)
        if all(len(firsts[name]) == ROUNDS for name in wanted):
            break
        missing = {name: sorted(set(numbers) - set(firsts[name])) for name, numbers in wanted.items() if len(firsts[name]) < ROUNDS}
        expect(time.monotonic() < deadline, f"{receiver} misses {missing}")
        receiver.pump(0.1)
    expect(firsts == wanted, f"{receiver} read out of order: {firsts}")
    return len(texts) - sum(len(numbers) for numbers in firsts.values())


def test_messages_to_a_room_outlive_the_server():
    with server(*SETTINGS) as one, speakers() as make:
        people = crowd(one, make, "udp")
        room = make_group(one, people[0].uin, [person.uin for person in people[1:]])
        write_rounds(one, people, room)
        repeats = {receiver.what: check(receiver, people, room) for receiver in people}
        print(f"  {len(people) * ROUNDS} messages to {len(people)} members, {KILLS} kills; came again: {repeats}", flush=True)


def test_messages_to_members_who_are_away_outlive_the_server():
    with server(*SETTINGS) as one, speakers() as make:
        people = crowd(one, make, "udp")
        room = make_group(one, people[0].uin, [person.uin for person in people[1:]])
        here, away = people[::2], people[1::2]
        for person in away:
            person.order("log-out")
        deadline = time.monotonic() + PATIENCE
        while any(str(person.uin) in one.ctl("session", "list") for person in away):
            expect(time.monotonic() < deadline, "some are still logged in")
            time.sleep(0.1)
        write_rounds(one, here, room)
        repeats = {}
        for person in away:
            back = make(person.what, "udp", one, person.uin).log_in()
            repeats[person.what] = check(back, here, room)
        print(f"  {len(here) * ROUNDS} messages for {len(away)} members who were away, {KILLS} kills; came again: {repeats}", flush=True)


if __name__ == "__main__":
    sys.exit(run(globals()))

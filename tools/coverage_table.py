#!/usr/bin/env python3
"""Renders what the conversations have shown into docs/protocol/icq-coverage.md and oicq-coverage.md.

    UHOH_COVERAGE=coverage.json build/dev/bin/test_conformance
    tools/coverage_table.py coverage.json          writes docs/protocol/*-coverage.md, and where each message is
                                                   tested, vectors and conversations: docs/protocol/*-tests.txt
    tools/coverage_table.py coverage.json --check  fails when these files say something else
    uhoh-dump --reference icq --tests-list docs/protocol/icq-tests.txt > docs/protocol/icq.md     (and so for oicq)
"""
import argparse
import json
import pathlib
import re
import sys

CASES = {
    "normal": "normal",
    "duplicate": "duplicate in progress",
    "lost_reply": "lost reply",
    "wrong_state": "wrong state",
    "truncated": "truncated",
    "foreign_address": "foreign address",
}

INTRODUCTIONS = {"icq": """# ICQ v2: what the conversations cover

<!-- Made by tools/coverage_table.py from a whole run of test_conformance. -->

Each command of a client and each packet of the server, in the cases that CONVENTIONS.md names. A conversation notes
a cell when it has passed; a whole run of `test_conformance` fails when a cell marked "yes" here is missing.

| case | a client's command | a packet of the server |
|---|---|---|
| normal | acknowledged, then answered | comes with the bytes that the documents say |
| duplicate in progress | six copies within an instant are executed once | acknowledged six times |
| lost reply | sent again, it is answered again and not executed twice | comes again after 5 s, then every 10 s |
| wrong state | without a session, or within one where it belongs outside | acknowledged when the session has ended |
| truncated | every shorter datagram is ignored | half an acknowledgement does not count |
| foreign address | the same bytes from elsewhere do nothing | an acknowledgement from elsewhere does not count |

"-": does not apply: an acknowledgement has no reply; 0028, 0032, 0046, 0064, 00F0 and 00FA go to strangers or end a
session, and are not repeated until acknowledged (0046: three times at most).
""", "oicq": """# OICQ: what the conversations cover

<!-- Made by tools/coverage_table.py from a whole run of test_conformance. -->

Each type of a client and of the server, in the cases that CONVENTIONS.md names. A conversation notes a cell when it
has passed; a whole run of `test_conformance` fails when a cell marked "yes" here is missing.

| case | a client's type | a type of the server |
|---|---|---|
| normal | answered as the reference says: bare and within 0F, over UDP and TCP | comes with the fields that the reference says |
| duplicate in progress | within 0F: six copies within an instant are executed once | within 0F: acknowledged six times, it does not come again |
| lost reply | within 0F: sent again, it is acknowledged and answered again, and not executed twice | within 0F: comes again after 3 s, then 6, with the same number |
| wrong state | before the log-in: refused in words over TCP; "offline" or nothing over UDP | not sent any more when the session has ended |
| truncated | every shorter content is refused in words, and a longer one | half an acknowledgement does not count |
| foreign address | from elsewhere, or with a foreign number, it does nothing | an acknowledgement from elsewhere does not count |

"-": does not apply. 01 and 02 belong before the log-in, from anywhere: "wrong state" is within a session. 0F is the envelope of all others: its cells are
theirs. A client's 15 and the server's 14 go bare, over TCP only; the server's 01 goes bare to strangers.
"""}


def message_key(row):
    return row["side"], row["command"]


def render(coverage, dialect="icq"):
    names = {message_key(row): row["name"] for row in coverage["messages"]}
    shown = {(*message_key(row), row["case"]) for row in coverage["cells"]}
    required = {(*message_key(row), row["case"]) for row in coverage["required"]}
    places = {message_key(row): row["places"] for row in coverage["places"]}
    missing = sorted(required - shown)
    text = INTRODUCTIONS[dialect]
    for side, title in (("client", "From client to server"), ("server", "From server to client")):
        text += f"\n## {title}\n\n| command | name | {' | '.join(CASES.values())} | conversations |\n"
        text += "|---|---|" + "---|" * (len(CASES) + 1) + "\n"
        for key in sorted(key for key in names if key[0] == side):
            cells = ["yes" if (*key, case) in shown else "MISSING" if (*key, case) in required else "-"
                     for case in CASES]
            files = ", ".join(pathlib.PurePosixPath(place).name.removesuffix("_test.cpp")
                              for place in places.get(key, [])) or "none"
            text += f"| {key[1]} | {names[key]} | {' | '.join(cells)} | {files} |\n"
    return text, missing


def places_of(coverage, root, dialect):
    """Where each message is tested: vectors first, then conversations."""
    places = {}
    for file in sorted((root / "tests/vectors" / dialect).glob("*.md")):
        for mark, command in re.findall(r"^ *([<>]) ([0-9A-F]+) [A-Z]", file.read_text(), re.MULTILINE):
            side = "client" if mark == ">" else "server"
            where = places.setdefault((side, command), [])
            if (name := f"tests/vectors/{dialect}/{file.name}") not in where:
                where.append(name)
    for row in coverage["places"]:
        places.setdefault(message_key(row), []).extend(row["places"])
    return places


def tests_list(coverage, root, dialect="icq"):
    return "".join(f"{side} {command} {place}\n"
                   for (side, command), files in sorted(places_of(coverage, root, dialect).items()) for place in files)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("coverage", type=pathlib.Path)
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent.parent)
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    options = parser.parse_args()
    good = True
    for dialect, coverage in json.loads(options.coverage.read_text()).items():
        page, missing = render(coverage, dialect)
        for side, command, case in missing:
            print(f"{dialect} {side} {command}: nothing shows \"{CASES[case]}\"", file=sys.stderr)
        good = good and not missing
        tests = tests_list(coverage, options.root, dialect)
        for name, text in ((f"{dialect}-coverage.md", page), (f"{dialect}-tests.txt", tests)):
            file = options.root / "docs/protocol" / name
            if not options.check:
                file.write_text(text)
            elif not file.exists() or file.read_text() != text:
                print(f"{file} is not what the tests show; make it again: tools/coverage_table.py {options.coverage}",
                      file=sys.stderr)
                good = False
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())

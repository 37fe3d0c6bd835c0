#!/usr/bin/env python3
"""Tests of coverage_table.py: a cell that no test has shown is never painted over."""
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
sys.dont_write_bytecode = True
import coverage_table  # noqa: E402


def coverage(cells, required, command="03E8"):
    row = {"side": "client", "command": command}
    return {
        "messages": [{**row, "name": "LOGIN"}],
        "cells": [{**row, "case": case, "tests": ["A.B"]} for case in cells],
        "required": [{**row, "case": case} for case in required],
        "places": [{**row, "places": ["tests/conformance/login_test.cpp"]}],
    }


class CoverageTable(unittest.TestCase):
    def test_shows_what_was_shown(self):
        page, missing = coverage_table.render(coverage(["normal"], ["normal"]))
        self.assertIn("| 03E8 | LOGIN | yes | - | - | - | - | - | login |", page)
        self.assertEqual(missing, [])

    def test_shows_what_is_missing(self):
        page, missing = coverage_table.render(coverage(["normal"], ["normal", "truncated"]))
        self.assertIn("| 03E8 | LOGIN | yes | - | - | - | MISSING | - | login |", page)
        self.assertEqual(missing, [("client", "03E8", "truncated")])

    def test_lists_vectors_and_conversations(self):
        with tempfile.TemporaryDirectory() as name:
            root = pathlib.Path(name)
            (root / "tests/vectors/icq").mkdir(parents=True)
            (root / "tests/vectors/icq/login.md").write_text("```dump\n> 03E8 LOGIN seq=1\n```\n> 03E8 LOGIN seq=2\n")
            self.assertEqual(coverage_table.tests_list(coverage([], []), root),
                             "client 03E8 tests/vectors/icq/login.md\n"
                             "client 03E8 tests/conformance/login_test.cpp\n")

    def test_lists_frames_within_others(self):
        with tempfile.TemporaryDirectory() as name:
            root = pathlib.Path(name)
            (root / "tests/vectors/oicq").mkdir(parents=True)
            (root / "tests/vectors/oicq/ack.md").write_text("```dump\n> 0F ACKNOWLEDGED\n  KIND: 1\n    > 02 LOG_IN\n```\n")
            self.assertEqual(coverage_table.tests_list(coverage([], [], "02"), root, "oicq"),
                             "client 02 tests/vectors/oicq/ack.md\n"
                             "client 02 tests/conformance/login_test.cpp\n"
                             "client 0F tests/vectors/oicq/ack.md\n")


if __name__ == "__main__":
    unittest.main()

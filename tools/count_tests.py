#!/usr/bin/env python3
"""Sums what scripts/test left in its results directory and prints "N passed, N failed, N skipped".

Reads  <stage>/*.json      GoogleTest's own reports, one a program: every case counts
       <stage>.junit.xml   ctest's report: counts programs without a GoogleTest report, and crashes after one
       items.tsv           checks, fuzz runs and end-to-end scripts: stage, outcome, name
Exits with 1 when anything failed or nothing passed.
"""
import json
import pathlib
import sys
import xml.etree.ElementTree as ElementTree


class Tally:
    """Counts outcomes and remembers what failed."""

    def __init__(self):
        self.passed, self.failed, self.skipped = 0, 0, 0
        self.failures = []

    def add(self, outcome, name, count=1):
        setattr(self, outcome, getattr(self, outcome) + count)
        if outcome == "failed" and count:
            self.failures.append(name)

    def line(self):
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def add_gtest_report(tally, stage, path):
    """Counts the cases of one GoogleTest report; returns how many failed, None if it is unreadable."""
    try:
        report = json.loads(path.read_text(encoding="utf-8", errors="replace"))
    except ValueError:
        return None
    failed = 0
    for suite in report.get("testsuites", []):
        for case in suite.get("testsuite", []):
            name = f"{stage}: {path.stem}: {suite['name']}.{case['name']}"
            if case.get("failures"):
                failed += 1
                tally.add("failed", name)
            elif case.get("result") == "SKIPPED" or case.get("status") == "NOTRUN":
                tally.add("skipped", name)
            else:
                tally.add("passed", name)
    return failed


def add_ctest_report(tally, stage, path, failed_cases):
    """Counts the programs of ctest's report that GoogleTest's reports do not account for."""
    try:
        cases = list(ElementTree.parse(path).getroot().iter("testcase"))
    except (OSError, ElementTree.ParseError):
        tally.add("failed", f"{stage}: ctest left no readable report")
        return
    for case in cases:
        name = case.get("name", "?")
        failed = case.get("status") == "fail" or case.find("failure") is not None
        reported = failed_cases.get(name)
        if failed and not reported:
            tally.add("failed", f"{stage}: {name} (crash, time-out or report of a sanitizer)")
        elif not failed and reported is None:
            skipped = case.get("status") in ("notrun", "disabled") or case.find("skipped") is not None
            tally.add("skipped" if skipped else "passed", f"{stage}: {name}")


def add_items(tally, text):
    """Counts the lines of items.tsv; an outcome "sum P F S" carries counts of its own."""
    for line in text.splitlines():
        stage, outcome, name = line.split("\t", 2)
        if outcome.startswith("sum "):
            for kind, count in zip(("passed", "failed", "skipped"), outcome.split()[1:]):
                tally.add(kind, f"{stage}: {name}", int(count))
        else:
            tally.add(outcome, f"{stage}: {name}")


def count(results):
    """Sums a results directory."""
    tally = Tally()
    for junit in sorted(results.glob("*.junit.xml")):
        stage = junit.name.removesuffix(".junit.xml")
        failed_cases = {}
        for report in sorted((results / stage).glob("*.json")):
            failed = add_gtest_report(tally, stage, report)
            if failed is not None:
                failed_cases[report.stem] = failed
        add_ctest_report(tally, stage, junit, failed_cases)
    for directory in sorted(path for path in results.iterdir() if path.is_dir()):
        if not (results / f"{directory.name}.junit.xml").exists():
            tally.add("failed", f"{directory.name}: ctest did not finish")
    items = results / "items.tsv"
    if items.exists():
        add_items(tally, items.read_text(encoding="utf-8"))
    return tally


def main(arguments):
    if len(arguments) != 2:
        print("usage: count_tests.py RESULTS_DIRECTORY", file=sys.stderr)
        return 2
    tally = count(pathlib.Path(arguments[1]))
    for name in tally.failures:
        print(f"failed: {name}")
    print(tally.line())
    return 0 if tally.passed and not tally.failed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv))

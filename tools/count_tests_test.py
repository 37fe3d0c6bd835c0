#!/usr/bin/env python3
"""Tests of count_tests.py: nothing that failed may be lost from the sum."""
import json
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
sys.dont_write_bytecode = True
import count_tests  # noqa: E402


def gtest_report(*results):
    cases = []
    for number, result in enumerate(results):
        case = {"name": f"case{number}", "status": "RUN", "result": "SKIPPED" if result == "skipped" else "COMPLETED"}
        if result == "failed":
            case["failures"] = [{"failure": "no"}]
        cases.append(case)
    return json.dumps({"testsuites": [{"name": "Suite", "testsuite": cases}]})


class CountTests(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.results = pathlib.Path(directory.name)
        (self.results / "release").mkdir()

    def line(self, reports, programs, items=""):
        for name, text in reports.items():
            (self.results / "release" / f"{name}.json").write_text(text)
        rows = "".join(f'<testcase name="{name}" status="{status}"/>' for name, status in programs.items())
        if programs:
            (self.results / "release.junit.xml").write_text(f"<testsuite>{rows}</testsuite>")
        (self.results / "items.tsv").write_text(items)
        return count_tests.count(self.results).line()

    def test_cases_are_counted_not_programs(self):
        self.assertEqual(self.line({"test_a": gtest_report("passed", "skipped", "failed")}, {"test_a": "fail"}),
                         "1 passed, 1 failed, 1 skipped")

    def test_a_crash_without_a_report_is_one_failure(self):
        self.assertEqual(self.line({}, {"test_a": "fail", "test_b": "run"}), "1 passed, 1 failed, 0 skipped")

    def test_a_failure_after_all_cases_passed_is_not_lost(self):
        self.assertEqual(self.line({"test_a": gtest_report("passed")}, {"test_a": "fail"}),
                         "1 passed, 1 failed, 0 skipped")

    def test_an_unreadable_report_counts_the_program(self):
        self.assertEqual(self.line({"test_a": "{"}, {"test_a": "fail"}), "0 passed, 1 failed, 0 skipped")

    def test_ctest_that_did_not_finish_is_a_failure(self):
        self.assertEqual(self.line({"test_a": gtest_report("passed")}, {}), "0 passed, 1 failed, 0 skipped")

    def test_items_and_sums_are_added(self):
        items = "static\tpassed\tlayers\nfuzz\tfailed\tfuzz_icq\ne2e\tsum 3 1 2\tcrash_test.py\n"
        self.assertEqual(self.line({"test_a": gtest_report("passed")}, {"test_a": "run"}, items),
                         "5 passed, 2 failed, 2 skipped")

    def test_nothing_passed_is_an_error(self):
        self.line({}, {"test_a": "fail"})
        self.assertEqual(count_tests.main(["count_tests.py", str(self.results)]), 1)


if __name__ == "__main__":
    unittest.main()

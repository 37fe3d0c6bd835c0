#!/usr/bin/env python3
"""Proves that check_docs.py finds a broken link, and takes code and web addresses for none."""
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
sys.dont_write_bytecode = True
import check_docs  # noqa: E402


class CheckDocs(unittest.TestCase):
    def broken(self, text):
        with tempfile.TemporaryDirectory() as directory:
            root = pathlib.Path(directory)
            (root / "docs").mkdir()
            (root / "docs" / "there.md").write_text("# There\n")
            (root / "README.md").write_text(text)
            return check_docs.broken_links(root)[0]

    def test_a_broken_link_is_found_with_its_line(self):
        self.assertEqual(self.broken("# uhoh\n\nsee [this](docs/gone.md)\n"),
                         ["README.md:3: docs/gone.md leads nowhere"])

    def test_a_missing_picture_is_found(self):
        self.assertEqual(len(self.broken("![a picture](docs/images/gone.png)\n")), 1)

    def test_links_that_lead_somewhere_pass(self):
        self.assertEqual(self.broken("[a](docs/there.md) [b](docs/there.md#there) [c](#here) [d](https://example.org/x)\n"), [])

    def test_code_holds_no_links(self):
        self.assertEqual(self.broken("`[a](gone)`\n```\n[b](gone)\n```\n"), [])


if __name__ == "__main__":
    unittest.main()

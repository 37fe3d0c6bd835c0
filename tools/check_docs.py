#!/usr/bin/env python3
"""Checks that the documents' relative links lead somewhere: README.md and everything under docs/.

    tools/check_docs.py [ROOT]

Prints file:line of each link that leads nowhere; exits with 1 when there is one.
"""
import pathlib
import re
import sys

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")
INLINE_CODE = re.compile(r"`[^`]*`")


def links(text):
    """Yields (line number, target) of each link outside code."""
    in_code = False
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith(("```", "~~~")):
            in_code = not in_code
        elif not in_code:
            for match in LINK.finditer(INLINE_CODE.sub("", line)):
                yield number, match[1]


def broken_links(root):
    """Returns the links that lead nowhere as lines of text, and the number of links looked at."""
    broken, seen = [], 0
    documents = [root / "README.md", *sorted((root / "docs").rglob("*.md"))]
    for document in filter(pathlib.Path.is_file, documents):
        for number, target in links(document.read_text(encoding="utf-8")):
            path = target.split("#")[0]
            if not path or re.match(r"[a-z][a-z0-9+.-]*:", target):
                continue
            seen += 1
            if not (document.parent / path).exists():
                broken.append(f"{document.relative_to(root)}:{number}: {target} leads nowhere")
    return broken, seen


def main(arguments):
    root = pathlib.Path(arguments[1] if len(arguments) > 1 else pathlib.Path(__file__).parent.parent).resolve()
    broken, seen = broken_links(root)
    for line in broken:
        print(line)
    print(f"{seen} links, {len(broken)} broken")
    return 1 if broken or not seen else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))

#!/usr/bin/env python3
"""Draws what a terminal shows as an SVG picture for the documentation.

    tools/terminal_picture.py TITLE < TEXT > docs/images/NAME.svg

Lines that begin with "$ " are shown as typed.
"""

import html
import sys

CHARACTER_WIDTH = 8.4
LINE_HEIGHT = 19
MARGIN = 18
BAR = 34


def picture(title, lines):
    columns = max([len(line) for line in lines] + [40])
    width = int(columns * CHARACTER_WIDTH + 2 * MARGIN)
    height = BAR + len(lines) * LINE_HEIGHT + 2 * MARGIN
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'role="img" aria-label="{html.escape(title)}">',
        f'<rect width="{width}" height="{height}" rx="9" fill="#1b1f27"/>',
        f'<path d="M0 9a9 9 0 0 1 9-9h{width - 18}a9 9 0 0 1 9 9v{BAR - 9}H0z" fill="#2a303c"/>',
    ]
    out += [f'<circle cx="{20 + 18 * i}" cy="{BAR // 2}" r="5" fill="{colour}"/>'
            for i, colour in enumerate(("#d9775f", "#d9b75f", "#7fae6b"))]
    out.append(f'<text x="{width // 2}" y="{BAR // 2 + 5}" fill="#9aa4b5" font-family="sans-serif" font-size="13" '
               f'text-anchor="middle">{html.escape(title)}</text>')
    for number, line in enumerate(lines):
        y = BAR + MARGIN + (number + 1) * LINE_HEIGHT - 6
        typed = line.startswith("$ ")
        out.append(f'<text x="{MARGIN}" y="{y}" fill="{"#f2d98c" if typed else "#d7dce5"}" '
                   'font-family="ui-monospace, DejaVu Sans Mono, monospace" font-size="14" xml:space="preserve" '
                   f'textLength="{len(line) * CHARACTER_WIDTH:.0f}">{html.escape(line)}</text>' if line else "")
    out.append("</svg>")
    return "\n".join(filter(None, out)) + "\n"


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    sys.stdout.write(picture(sys.argv[1], sys.stdin.read().rstrip("\n").split("\n")))
    return 0


if __name__ == "__main__":
    sys.exit(main())

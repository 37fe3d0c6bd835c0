"""Which listeners a server has, asked of the program itself, so that each test can say which it wants."""

import re
import subprocess


def listener_keys(uhohd):
    """The keys of all listeners: ["icq.udp", "oicq.udp", "oicq.tcp", ...]."""
    text = subprocess.run([uhohd, "--explain-config"], capture_output=True, text=True, check=True, timeout=30).stdout
    keys, section = [], ""
    for line in text.splitlines():
        if found := re.match(r"#?\s*\[(\w+)\]", line):
            section = found[1]
        elif found := re.match(r"#?\s*(udp|tcp|http) = ", line):
            keys.append(f"{section}.{found[1]}")
    return keys


def only(uhohd, wanted):
    """Arguments that switch every listener off but those in `wanted`, a dictionary of their addresses."""
    arguments = []
    for key in listener_keys(uhohd):
        arguments += ["--set", f"{key}={wanted.get(key, '')}"]
    return arguments

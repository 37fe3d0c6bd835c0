#!/usr/bin/env python3
"""Checks who includes whom in src/ and apps/ against the layers of the architecture.

    tools/check_layers.py [ROOT]

A module may include its own headers and what LAYERS names; a third-party header only where THIRD_PARTY allows it.
*_test.cpp and testing support may include the test frameworks and the in-memory back ends besides.
Prints file:line and the reason of each violation; exits with 1 when there is one.
"""
import pathlib
import re
import sys

ANYTHING = "*"

# Module (folder under src/) -> modules it may include; "folder/stem" allows only headers whose name begins so.
# "dialect", "storage" and "bus" are the ports in these folders, not what lies in the folders below.
LAYERS = {
    "base": [],
    "config": ["base"],
    "text": ["base"],
    "crypto": ["base"],
    "wire": ["base"],
    "model": ["base"],
    "dialect": ["base", "text", "wire", "model"],
    "dialect/icq": ["base", "text", "crypto", "wire", "model", "dialect"],
    "dialect/oicq": ["base", "text", "crypto", "wire", "model", "dialect"],
    "dialect/qq": ["base", "text", "crypto", "wire", "model", "dialect"],
    "dialect/peer": ["base", "text", "crypto", "wire", "model", "dialect"],
    "dialect/web": ["base", "text", "crypto", "wire", "model", "dialect"],
    "session": ["base", "model", "dialect"],
    "storage": ["base", "model"],
    "storage/memory": ["base", "text", "model", "storage"],
    "storage/sqlite": ["base", "text", "model", "storage"],
    "storage/postgres": ["base", "text", "model", "storage"],
    "bus": ["base", "model"],
    "bus/local": ["base", "model", "bus"],
    "bus/nats": ["base", "model", "bus"],
    "service": ["base", "text", "model", "storage", "bus", "crypto/password", "crypto/hash_pool",
                "crypto/verifier_cache", "crypto/sealed", "crypto/qq_keys"],
    "net": ["base"],
    "gateway": ["base", "text", "model", "service"],
    "client": ["base", "text", "crypto", "wire", "model", "dialect",
               "dialect/icq", "dialect/oicq", "dialect/qq", "dialect/peer"],
    "node": [ANYTHING],
    "apps": [ANYTHING],
}

# Beginning of a header's name -> modules that may include it; the first match decides, so the narrow come first.
ABOVE_BASE = [module for module in LAYERS if module not in ("base", "net")]
THIRD_PARTY = [
    ("fmt/", list(LAYERS)),
    ("sodium", ["crypto"]),
    ("openssl/", ["crypto"]),
    ("sqlite3", ["storage/sqlite", "apps"]),
    ("libpq", ["storage/postgres"]),
    ("nats", ["bus/nats"]),
    ("boost/unordered", ABOVE_BASE),
    ("boost/", ["gateway", "client", "node", "apps"]),
    ("toml++/", ["config", "node", "apps"]),
    ("toml.hpp", ["config", "node", "apps"]),
    ("spdlog/", ["node", "apps"]),
    ("CLI/", ["apps"]),
    ("ncurses", ["apps"]),
    ("histedit", ["apps"]),
    ("gtest/", []),
    ("gmock/", []),
    ("rapidcheck", []),
    ("benchmark/", []),
]
TEST_FRAMEWORKS = ("gtest/", "gmock/", "rapidcheck")
TEST_BACK_ENDS = ("storage/memory", "bus/local")

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
SOURCE_SUFFIXES = {".cpp", ".hpp", ".h", ".cc", ".hh", ".ipp", ".inc"}


def module_of(path):
    """Names the module of a path below src/ ("dialect/icq/login.hpp" -> "dialect/icq")."""
    parts = path.split("/")
    if len(parts) > 2 and "/".join(parts[:2]) in LAYERS:
        return "/".join(parts[:2])
    if len(parts) > 2 and parts[0] in ("dialect", "storage", "bus") and parts[1] not in ("testing", "migrations"):
        return "/".join(parts[:2])
    return parts[0]


def is_testing(path):
    """Tells whether a file is a test or supports tests: *_test.cpp, *_testing.hpp, *_contract.hpp, testing/*."""
    name = pathlib.PurePosixPath(path)
    return name.stem.endswith(("_test", "_testing", "_test_support", "_contract")) or "testing" in name.parts


def third_party(header):
    """Finds the rule for a third-party header, None for a standard, system or own one."""
    return next((rule for rule in THIRD_PARTY if header.startswith(rule[0])), None)


def is_allowed(module, header_module, header):
    """Tells whether a module may include a header of another (or the same) module."""
    if header_module == module:
        return True
    for entry in LAYERS[module]:
        if entry in (ANYTHING, header_module):
            return True
        if entry not in LAYERS and header.startswith(entry):
            return True
    return False


def resolve(root, file, header):
    """Finds the path below src/ that a quoted include names, None when it is none of ours."""
    if (root / "src" / header).exists():
        return header
    beside = (file.parent / header).resolve()
    if beside.exists():
        source_root = (root / "src").resolve()
        return beside.relative_to(source_root).as_posix() if beside.is_relative_to(source_root) else None
    return header if header.split("/")[0] in LAYERS else None


def check_include(root, file, module, quoted, header):
    """Returns why an include is not allowed, None when it is."""
    testing = is_testing(file.relative_to(root).as_posix())
    rule = third_party(header)
    if rule:
        if module in rule[1] or (testing and rule[0].startswith(TEST_FRAMEWORKS)):
            return None
        allowed = ", ".join(rule[1]) if rule[1] else "tests"
        return f"{module} may not include <{header}> (allowed in: {allowed})"
    target = resolve(root, file, header) if quoted else (header if (root / "src" / header).exists() else None)
    if target is None:
        return None
    target_module = module_of(target)
    if target_module not in LAYERS:
        return f'"{header}" is in the module {target_module}, which LAYERS does not name'
    if not testing and is_testing(target):
        return f'"{header}" is testing support; only tests may include it'
    if testing and target_module in TEST_BACK_ENDS and not module.startswith(("base", "dialect", "net")):
        return None
    if is_allowed(module, target_module, target):
        return None
    allowed = ", ".join(LAYERS[module]) or "nothing of ours"
    return f'{module} may not include "{header}" (it may include: {allowed})'


def check_file(root, file):
    """Yields (line number, reason) for each violation in a file."""
    path = file.relative_to(root)
    module = "apps" if path.parts[0] == "apps" else module_of(path.relative_to("src").as_posix())
    if module not in LAYERS:
        yield 1, f"the module {module} is not in LAYERS (tools/check_layers.py)"
        return
    for number, line in enumerate(file.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        match = INCLUDE.match(line)
        if match:
            reason = check_include(root, file, module, match[1] == '"', match[2])
            if reason:
                yield number, reason


def check_tree(root):
    """Returns the violations of a source tree as lines of text, and the number of files read."""
    violations, files = [], 0
    for top in ("src", "apps"):
        for file in sorted((root / top).rglob("*")):
            if file.suffix in SOURCE_SUFFIXES and file.is_file():
                files += 1
                violations += [f"{file.relative_to(root)}:{number}: {reason}" for number, reason in check_file(root, file)]
    return violations, files


def main(arguments):
    root = pathlib.Path(arguments[1] if len(arguments) > 1 else pathlib.Path(__file__).parent.parent).resolve()
    violations, files = check_tree(root)
    for violation in violations:
        print(violation)
    print(f"{files} files, {len(violations)} violations of the layers")
    return 1 if violations or not files else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))

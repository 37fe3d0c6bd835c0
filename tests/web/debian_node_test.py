#!/usr/bin/env python3
"""Builds the pages with Debian 12's own Node.js and npm, in a bare tree of that system, which reaches the package
registry and nothing else.

Wants root, debootstrap and some minutes: skipped (exit code 77) unless UHOH_DEBIAN_TREE is set. The tree is kept in
build/debian-tree.
"""
import os
import pathlib
import shutil
import socket
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
TREE = ROOT / "build" / "debian-tree"
REGISTRY = "registry.npmjs.org"
SKIPPED = 77


def in_tree(script, seconds=1200):
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "DEBIAN_FRONTEND": "noninteractive"}
    # With /proc, which Rollup reads, mounted for this process alone.
    done = subprocess.run(["unshare", "--mount", "sh", "-ec", 'mount -t proc proc "$0/proc"; exec chroot "$0" sh -ec "$1"', TREE,
                           script], timeout=seconds, stdin=subprocess.DEVNULL, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def make_tree():
    """A Debian 12 with nothing but what Node.js and npm need."""
    if (TREE / "usr/bin/npm").exists():
        return
    shutil.rmtree(TREE, ignore_errors=True)
    subprocess.run(["debootstrap", "--variant=minbase", "--include=ca-certificates", "bookworm", TREE], check=True, timeout=1200,
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    shutil.copy("/etc/resolv.conf", TREE / "etc/resolv.conf")
    in_tree("apt-get -qq -y --no-install-recommends install nodejs npm")


def allow_registry_alone():
    """Only one name has an address in the tree."""
    addresses = {row[4][0] for row in socket.getaddrinfo(REGISTRY, 443, socket.AF_INET)}
    (TREE / "etc/hosts").write_text("127.0.0.1 localhost\n" + "".join(f"{one} {REGISTRY}\n" for one in addresses))
    (TREE / "etc/resolv.conf").write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    # Machines behind a proxy that ends TLS trust its certificate.
    shutil.copy("/etc/ssl/certs/ca-certificates.crt", TREE / "etc/ssl/certs/ca-certificates.crt")


def main():
    if not os.environ.get("UHOH_DEBIAN_TREE"):
        print("skipped: UHOH_DEBIAN_TREE is not set")
        return SKIPPED
    if os.geteuid() != 0 or not shutil.which("debootstrap"):
        print("skipped: needs root and debootstrap")
        return SKIPPED
    make_tree()
    allow_registry_alone()
    version = in_tree("node --version").strip()
    print(f"Node.js {version}, npm {in_tree('npm --version').strip()}")
    assert version.startswith("v18."), version
    pages = TREE / "srv/web"
    shutil.rmtree(pages, ignore_errors=True)
    shutil.copytree(ROOT / "web", pages, ignore=shutil.ignore_patterns("node_modules", "dist"))
    in_tree("cd /srv/web && NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt npm ci --no-audit --no-fund --ignore-scripts")
    print(in_tree("cd /srv/web && npm run build"))
    assert (pages / "dist/index.html").exists() and (pages / "dist/admin/index.html").exists()
    return 0


if __name__ == "__main__":
    sys.exit(main())

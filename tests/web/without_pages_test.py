#!/usr/bin/env python3
"""A server that was built where there is no Node.js runs, says that its pages are missing and how to get them, and
serves programs all the same.

Links uhohd once more, with the table of pages that the build makes without Node.js.
"""
import json
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("UHOH_BIN_DIR", ROOT / "build/release/bin")).resolve()
BUILD = BIN.parent


def link_without_pages(folder):
    """Gives the path of such a program."""
    table, library, program = folder / "pages.cpp", folder / "pages.o", folder / "uhohd"
    made = subprocess.run(["cmake", "-DNODE=", "-DNPM=", f"-DSOURCE={ROOT / 'web'}", f"-DBUILD={folder}", f"-DTABLE={table}",
                           "-P", ROOT / "web/build_pages.cmake"], capture_output=True, text=True, check=True, timeout=60)
    assert "not built in" in made.stdout + made.stderr, "the build says it"
    subprocess.run(["g++", "-std=c++23", "-O1", f"-I{ROOT / 'src'}", "-c", table, "-o", library], check=True, timeout=120)
    commands = subprocess.run(["ninja", "-C", BUILD, "-t", "commands", "uhohd"], capture_output=True, text=True, check=True,
                              timeout=60).stdout
    link = commands.splitlines()[-1].split("&&")[1].strip()
    words = [str(library) if word.endswith("libuhoh_pages.a") else word for word in shlex.split(link)]
    assert str(library) in words, link
    words[words.index("-o") + 1] = str(program)
    subprocess.run(words, cwd=BUILD, check=True, timeout=300)
    return program


def ask(url):
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        program = link_without_pages(folder)
        listen = [word for key in ("icq.udp", "oicq.udp", "oicq.tcp", "qq.udp", "qq.tcp", "web.http")
                  for word in ("--set", f"{key}=127.0.0.1:0")]
        server = subprocess.Popen([program, "--data-dir", folder / "data", *listen], stderr=(folder / "log").open("w"))
        try:
            ready = folder / "data/uhohd.ready"
            for _ in range(300):
                if ready.exists() or server.poll() is not None:
                    break
                time.sleep(0.1)
            assert ready.exists(), (folder / "log").read_text()
            url = "http://" + json.loads(ready.read_text())["listeners"]["web.http"]
            for path in ("/", "/admin"):
                status, text = ask(url + path)
                assert status == 503 and "nodejs" in text and "npm" in text, (path, status, text)
            assert ask(url + "/healthz")[0] == 200
            assert ask(url + "/api/v1/registration")[0] == 200
        finally:
            server.terminate()
            assert server.wait(timeout=20) == 0, (folder / "log").read_text()
    print("ok: without pages it says so, and serves the API")
    return 0


if __name__ == "__main__":
    sys.exit(main())

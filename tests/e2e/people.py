"""Users of every dialect who talk over real sockets: a server that survives its processes, and a program for each user."""
import contextlib
import json
import os
import pathlib
import queue
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback

from listeners import only

BIN = pathlib.Path(os.environ.get("UHOH_BIN_DIR", "build/release/bin")).resolve()
GENERATIONS = ("A", "A'", "B", "C", "D")
PATIENCE = 20
KEYS = ("qq.udp", "qq.tcp", "oicq.udp", "oicq.tcp", "icq.udp")


def expect(condition, detail=""):
    if not condition:
        raise AssertionError(detail)


class Server:
    """One uhohd with every listener on a free port."""

    def __init__(self, data, *settings):
        self.data = pathlib.Path(data)
        self.settings = [word for setting in settings for word in ("--set", setting)]
        self.addresses = {key: "127.0.0.1:0" for key in KEYS}
        self.process = None

    def start(self):
        ready = self.data / "uhohd.ready"
        ready.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            [BIN / "uhohd", "--data-dir", self.data, *only(BIN / "uhohd", self.addresses), "--set", "server.shards=2",
             "--set", "accounts.password_memory_kib=64", "--set", "accounts.password_passes=1", "--set", "accounts.throttle_first=0ms",
             "--set", "limits.strangers_per_network=100000", "--set", "limits.strangers_in_all=100000", *self.settings],
            stdout=subprocess.DEVNULL, stderr=(self.data / "log").open("ab"))
        deadline = time.monotonic() + 30
        while not ready.exists():
            expect(self.process.poll() is None and time.monotonic() < deadline, "uhohd did not start:\n" + self.log())
            time.sleep(0.05)
        self.addresses = {key: value for key, value in json.loads(ready.read_text())["listeners"].items() if key in KEYS}

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        return self.process.wait(timeout=30)

    def log(self):
        return (self.data / "log").read_text()

    def ctl(self, *arguments):
        done = subprocess.run([BIN / "uhohctl", "--data-dir", self.data, *map(str, arguments)], capture_output=True, text=True,
                              timeout=60, check=False)
        expect(done.returncode == 0, f"uhohctl {arguments}: {done.stdout}{done.stderr}")
        return done.stdout

    def add_user(self, uin, nick, password="secret1", *more):
        self.ctl("user", "add", "--uin", uin, "--password", password, "--nick", nick, "--qq", *more)


@contextlib.contextmanager
def server(*settings):
    with tempfile.TemporaryDirectory(prefix="uhoh-") as data:
        one = Server(data, *settings)
        one.start()
        try:
            yield one
        except BaseException:
            one.stop()
            print(one.log()[-4000:], flush=True)
            raise
        code = one.stop()
        expect(code == 0, f"uhohd ended with {code}:\n{one.log()}")


class Speaker:
    """One user: gives orders to the program `speaker`, and hears what it tells."""

    def __init__(self, what, transport, one, uin, password="secret1", *arguments):
        self.what, self.uin = what, uin
        dialect = what if what in ("icq", "oicq") else "qq"
        self.charset = {"icq": "cp1252", "C": "utf-8", "D": "utf-8"}.get(what, "gb18030")
        self.process = subprocess.Popen(
            [BIN / "speaker", what, transport, one.addresses[f"{dialect}.{transport}"], *arguments], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, "UHOH_PASSWORD": password})
        self.lines = queue.Queue()
        self.heard = []
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def __repr__(self):
        return f"{self.what} {self.uin}"

    def read(self):
        for line in self.process.stdout:
            self.lines.put(line.split())
        self.lines.put(["ended"])

    def order(self, *words):
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()

    def hexed(self, text):
        return text.encode(self.charset).hex()

    def text(self, raw):
        return "" if raw == "-" else bytes.fromhex(raw).decode(self.charset, "replace").rstrip(" ")

    def pump(self, seconds=0.0):
        with contextlib.suppress(queue.Empty):
            self.heard.append(self.lines.get(timeout=seconds) if seconds else self.lines.get_nowait())
            while True:
                self.heard.append(self.lines.get_nowait())

    def find(self, *pattern):
        """All lines that begin so; None stands for any word."""
        self.pump()
        return [line for line in self.heard
                if len(line) >= len(pattern) and all(p is None or str(p) == w for p, w in zip(pattern, line))]

    def wait(self, *pattern, count=1, patience=PATIENCE):
        deadline = time.monotonic() + patience
        while len(found := self.find(*pattern)) < count:
            expect(["ended"] not in self.heard and time.monotonic() < deadline,
                   f"{self} waits for {count} x {pattern}; it heard:\n" + "\n".join(" ".join(line) for line in self.heard[-60:]))
            self.pump(0.05)
        return found

    def log_in(self):
        self.order("log-in", self.uin)
        self.wait("online")
        return self

    def write(self, to, text, verb="text"):
        self.order(verb, to, self.hexed(text))

    def messages(self, sender=None, qun=None):
        """What was written to the user. That somebody added him is a message too: without a text in OICQ, with fields in ICQ."""
        return [(int(line[1]), int(line[2]), self.text(line[3])) for line in self.find("message", sender, qun)
                if line[3] != "-" and "fe" not in re.findall("..", line[3])[:1 if self.what != "icq" else None]]

    def read_from(self, sender, count, qun=None):
        """The texts of somebody, once there are so many."""
        deadline = time.monotonic() + PATIENCE
        while len(found := self.messages(sender, qun)) < count:
            expect(time.monotonic() < deadline, f"{self} waits for {count} messages of {sender}: {self.messages()}")
            self.pump(0.05)
        return [text for _, _, text in found]

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=10)
        self.reader.join(timeout=10)


@contextlib.contextmanager
def speakers():
    """Makes speakers that end with the test."""
    made = []

    def make(*arguments):
        made.append(Speaker(*arguments))
        return made[-1]

    try:
        yield make
    finally:
        for one in made:
            one.close()


def crowd(one, make, transport):
    """A user of each dialect and generation, all online, and everybody's friend."""
    uins = {what: 100001 + index for index, what in enumerate((*GENERATIONS, "oicq", "icq"))}
    for what, uin in uins.items():
        one.add_user(uin, f"nick{uin}", "secret1"[:8])
    for uin in uins.values():
        for other in uins.values():
            if uin < other:
                one.ctl("friend", "add", uin, other, "--both")
    people = [make(what, "udp" if what == "icq" else transport, one, uin) for what, uin in uins.items()]
    for person in people:
        person.log_in()
    return people


def make_group(one, owner, members):
    """A Qun's number."""
    found = re.search(r"\b2\d{9}\b", one.ctl("group", "create", "--name", "testroom", "--owner", owner, "--members",
                                              ",".join(map(str, members))))
    expect(found, "no number of the new group")
    return int(found[0])


def run(tests):
    """Runs the functions whose names begin with `test_`, or those that the arguments choose; gives the exit code."""
    chosen = {name: function for name, function in tests.items()
              if name.startswith("test_") and (len(sys.argv) < 2 or any(word in name for word in sys.argv[1:]))}
    failed = 0
    for name, function in chosen.items():
        begun = time.monotonic()
        try:
            function()
            print(f"ok - {name} ({time.monotonic() - begun:.1f} s)", flush=True)
        except Exception:
            failed += 1
            print(f"FAIL - {name}\n{traceback.format_exc()}", flush=True)
    print(f"{len(chosen) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0

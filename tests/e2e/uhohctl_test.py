#!/usr/bin/env python3
"""Starts uhohd as a person would, and tries every command of uhohctl against it.

    UHOH_BIN_DIR=build/release/bin tests/e2e/uhohctl_test.py [NAME...]

Names choose tests. The last line is "N passed, N failed, N skipped"; the exit code is 1 when one failed.
"""
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import traceback

BIN = pathlib.Path(os.environ.get("UHOH_BIN_DIR", "build/release/bin")).resolve()
# Every listener on a free port of this machine alone.
FREE_PORTS = [word for key in ("icq.udp", "oicq.udp", "oicq.tcp", "qq.udp", "qq.tcp", "web.http") for word in ("--set", f"{key}=127.0.0.1:0")]
CHEAP = ["--set", "accounts.password_memory_kib=8", "--set", "accounts.password_passes=1"]


class Skipped(Exception):
    """The machine does not allow what the test needs."""


class Result:
    def __init__(self, done):
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr

    def __repr__(self):
        return f"exit {self.code}\n--- out\n{self.out}--- err\n{self.err}"


def run(*command, stdin="", env=None, timeout=60):
    return Result(subprocess.run([str(c) for c in command], input=stdin, capture_output=True, text=True,
                                 timeout=timeout, env={**os.environ, **(env or {})}, check=False))


def expect(condition, detail=""):
    if not condition:
        raise AssertionError(detail if isinstance(detail, str) else repr(detail))


class Server:
    """One uhohd on a data directory, on a free port."""

    def __init__(self, data, *arguments, wait=True):
        self.data = pathlib.Path(data)
        self.log = open(f"{self.data}.log", "a+", encoding="utf-8")
        self.process = subprocess.Popen([BIN / "uhohd", "--data-dir", data, *FREE_PORTS, "--set", "server.shards=2", *CHEAP, *arguments],
                                        stderr=self.log, stdout=self.log)
        if wait:
            deadline = time.monotonic() + 30
            while not self.is_ready():
                expect(self.process.poll() is None, "uhohd ended: " + self.text())
                expect(time.monotonic() < deadline, "uhohd was not ready in time: " + self.text())
                time.sleep(0.02)

    def is_ready(self):
        try:
            return self.ready()["pid"] == self.process.pid  # a crash may have left another's
        except FileNotFoundError:
            return False

    def text(self):
        return pathlib.Path(f"{self.data}.log").read_text(encoding="utf-8")

    def ready(self):
        return json.loads((self.data / "uhohd.ready").read_text(encoding="utf-8"))

    def port(self):
        return int(self.ready()["listeners"]["icq.udp"].rsplit(":", 1)[1])

    def wait_for_text(self, pattern):
        deadline = time.monotonic() + 10
        while not re.search(pattern, self.text()):
            expect(time.monotonic() < deadline, f"no {pattern!r} in: {self.text()}")
            time.sleep(0.02)

    def stop(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(timeout=30)
        self.log.close()
        return code


@contextlib.contextmanager
def server(data, *arguments):
    one = Server(data, *arguments)
    try:
        yield one
    finally:
        code = one.stop()
    expect(code == 0, f"uhohd ended with {code}: {one.text()}")


class Ctl:
    """uhohctl on a data directory."""

    def __init__(self, data):
        self.data = data

    def __call__(self, *arguments, **more):
        return run(BIN / "uhohctl", "--data-dir", self.data, *arguments, **more)

    def ok(self, *arguments, **more):
        result = self(*arguments, **more)
        expect(result.code == 0, f"uhohctl {' '.join(map(str, arguments))}: {result!r}")
        return result.out

    def fails(self, code, pattern, *arguments, **more):
        result = self(*arguments, **more)
        expect(result.code == code and re.search(pattern, result.err), f"uhohctl {' '.join(map(str, arguments))}: {result!r}")
        expect("terminate" not in result.err, result)

    def json(self, *arguments):
        return json.loads(self.ok(*arguments, "--json"))


class Icq:
    """Just enough of an ICQ v2 client: it logs in, acknowledges, and collects what comes."""

    def __init__(self, port, uin, password, address="127.0.0.1"):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, 0))
        self.server, self.uin, self.seq, self.received = ("127.0.0.1", port), uin, 1, []
        secret = password.encode() + b"\0"
        body = (0).to_bytes(4, "little") + len(secret).to_bytes(2, "little") + secret + bytes.fromhex("98000000") + bytes(4)
        body += b"\x04" + bytes(4) + (2).to_bytes(4, "little") + bytes(2) + bytes(4)
        body += bytes(4)
        self.send(0x03E8, body)

    def send(self, command, body):
        head = b"\x02\0" + command.to_bytes(2, "little") + self.seq.to_bytes(2, "little") + self.uin.to_bytes(4, "little")
        self.socket.sendto(head + body, self.server)
        self.seq += 1

    def wait_for(self, command, seconds=5):
        """Gives the body of the next packet with this command, None when none comes."""
        deadline = time.monotonic() + seconds
        while True:
            for packet in self.received:
                if packet[0] == command:
                    self.received.remove(packet)
                    return packet[1]
            left = deadline - time.monotonic()
            if left <= 0:
                return None
            self.socket.settimeout(left)
            try:
                data = self.socket.recv(2048)
            except (TimeoutError, ConnectionRefusedError):
                continue
            command_in, seq = int.from_bytes(data[2:4], "little"), data[4:6]
            if command_in != 0x000A and command_in != 0x00F0:
                head = b"\x02\0" + (0x000A).to_bytes(2, "little") + seq + self.uin.to_bytes(4, "little")
                self.socket.sendto(head, self.server)
            self.received.append((command_in, data[6:]))

    def online(self):
        return self.wait_for(0x005A) is not None

    def close(self):
        self.socket.close()


# ---- the server itself -----------------------------------------------------------------------------------------

def test_explain_config_prints_what_check_config_accepts(directory):
    explained = run(BIN / "uhohd", "--explain-config")
    expect(explained.code == 0 and "[icq]" in explained.out and "registration" in explained.out, explained)
    file = directory / "all.toml"
    file.write_text(explained.out, encoding="utf-8")
    checked = run(BIN / "uhohd", "--config", file, "--check-config")
    expect(checked.code == 0 and checked.out == "ok\n", checked)


def test_unknown_key_names_file_and_line(directory):
    file = directory / "bad.toml"
    file.write_text("[icq]\n\nkeepalives = \"30s\"\n", encoding="utf-8")
    for extra in (["--check-config"], []):
        result = run(BIN / "uhohd", "--config", file, "--data-dir", directory / "data", *extra)
        expect(result.code == 1 and f"{file}:3:" in result.err and 'did you mean "keepalive"' in result.err, result)
    expect(not (directory / "data").exists(), "nothing is made before the configuration is right")


def test_wrong_usage_is_exit_code_2(directory):
    for arguments in (["--nonsense"], ["--set", "icq.udp"], ["--set", "nothing.here=1"], ["--set", "icq.udp=x"], ["surplus"]):
        result = run(BIN / "uhohd", "--data-dir", directory / "data", *arguments)
        expect(result.code == 2 and result.err + result.out, result)
    for arguments in ([], ["nonsense"], ["user"], ["user", "add", "--uin", "x"], ["user", "add", "--auth", "maybe"],
                      ["user", "show"], ["ban", "add"], ["user", "suspend", "5", "--until", "tomorrow"]):
        result = run(BIN / "uhohctl", "--data-dir", directory, *arguments)
        expect(result.code == 2, f"{arguments}: {result!r}")
    for program in ("uhohd", "uhohctl"):
        expect(re.fullmatch(program + r" \d+\.\d+\.\d+\n", run(BIN / program, "--version").out))
        expect(run(BIN / program, "--help").code == 0)


def test_ready_file_and_orderly_end(directory):
    data = directory / "deep" / "data"
    (directory / "deep").mkdir()
    one = Server(data)
    ready = one.ready()
    expect(ready["pid"] == one.process.pid and re.fullmatch(r"127\.0\.0\.1:[1-9]\d*", ready["listeners"]["icq.udp"]), str(ready))
    expect(ready["version"], str(ready))
    expect(data.stat().st_mode & 0o777 == 0o700, oct(data.stat().st_mode))
    expect((data / "uhohd.sock").stat().st_mode & 0o777 == 0o600)
    expect(one.stop() == 0, one.text())
    expect(not (data / "uhohd.ready").exists() and not (data / "uhohd.sock").exists())
    again = Server(data)
    expect(again.stop(signal.SIGINT) == 0, again.text())


def test_start_after_a_crash(directory):
    data = directory / "data"
    one = Server(data)
    one.stop(signal.SIGKILL)
    expect((data / "uhohd.ready").exists() and (data / "uhohd.sock").exists(), "a crash leaves both")
    with server(data):
        Ctl(data).ok("status")


def test_server_waits_for_uhohctl(directory):
    data = directory / "data"
    Ctl(data).ok("user", "add", "--password", "x")
    long = subprocess.Popen([BIN / "uhohctl", "--data-dir", data, "user", "add-range", "--first", "1000000", "--count", "40000",
                             "--password", "x"], stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 10
    while "uhohctl" not in (data / "uhohd.lock").read_text(encoding="utf-8"):
        expect(time.monotonic() < deadline and long.poll() is None, "uhohctl holds the lock")
    with server(data):
        expect(long.wait(timeout=30) == 0, "what was begun was finished first")
        expect(len(Ctl(data).json("user", "list")) == 40_002)


def test_two_servers_on_one_data_directory(directory):
    with server(directory / "data") as one:
        second = run(BIN / "uhohd", "--data-dir", directory / "data", *FREE_PORTS)
        expect(second.code == 1 and f"uhohd (process {one.process.pid})" in second.err, second)
        expect((directory / "data" / "uhohd.ready").exists(), "the first one's file stays")


def test_port_in_use(directory):
    with server(directory / "data") as one:
        second = run(BIN / "uhohd", "--data-dir", directory / "other", *FREE_PORTS, "--set", f"icq.udp=127.0.0.1:{one.port()}")
        expect(second.code == 1 and str(one.port()) in second.err and "in use" in second.err, second)
        expect(second.err.count("\n") == 1, second)


def test_data_directory_that_is_a_file(directory):
    (directory / "file").write_text("x", encoding="utf-8")
    result = run(BIN / "uhohd", "--data-dir", directory / "file")
    expect(result.code == 1 and "data directory" in result.err and "file" in result.err, result)
    result = run(BIN / "uhohd", "--data-dir", directory / "file" / "below")
    expect(result.code == 1 and "data directory" in result.err, result)


def test_store_that_is_no_database(directory):
    data = directory / "data"
    data.mkdir()
    (data / "uhoh.db").write_text("this is a letter to somebody, and no database" * 100, encoding="utf-8")
    result = run(BIN / "uhohd", "--data-dir", data, *FREE_PORTS)
    expect(result.code == 1 and "is not a database of uhoh" in result.err and result.err.count("\n") == 1, result)


def in_mount_namespace(script):
    if os.geteuid() != 0 or run("unshare", "-m", "true").code != 0:
        raise Skipped("needs the right to make a mount namespace")
    return run("unshare", "-m", "sh", "-c", script)


def test_read_only_data_directory(directory):
    data = directory / "data"
    with server(data):
        pass
    result = in_mount_namespace(f"mount --bind '{data}' '{data}' && mount -o remount,ro,bind '{data}' && exec '{BIN}/uhohd' "
                                f"--data-dir '{data}' {' '.join(FREE_PORTS)}")
    expect(result.code == 1 and "read-only" in result.err and str(data) in result.err, result)


def test_full_disk(directory):
    data = directory / "data"
    data.mkdir()
    result = in_mount_namespace(f"mount -t tmpfs -o size=64k none '{data}' && exec '{BIN}/uhohd' --data-dir '{data}' "
                                f"{' '.join(FREE_PORTS)}")
    expect(result.code == 1 and "full" in result.err, result)


def registers(address):
    """Asks for a number over ICQ v2 (03FC); None when the server gives none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(5)
        client.sendto(struct.pack("<HHH", 2, 0x03FC, 1) + b"\x02\x00\x07\x00secret\x00" + bytes(8), address)
        while True:
            answer = client.recv(2048)
            command = struct.unpack_from("<H", answer, 2)[0]
            if command == 0x0046:
                return struct.unpack_from("<I", answer, 8)[0]
            if command == 0x00FA:
                return None


def test_check_config_looks_at_keys_together(directory):
    def wrong(pattern, *changes):
        result = run(BIN / "uhohd", "--data-dir", directory / "none", "--check-config",
                     *[word for change in changes for word in ("--set", change)])
        expect(result.code == 1 and re.search(pattern, result.err) and result.out == "", result)

    wrong("^uhohd: every listener is off", *[f"{word.split('=')[0]}=" for word in FREE_PORTS[1::2]])
    wrong("icq.udp and oicq.udp are both to listen on UDP port 4000", "icq.udp=127.0.0.1:4000", "oicq.udp=127.0.0.1:4000")
    wrong("no URL of the web", "web.webhooks=nonsense")
    wrong("web.certificate: there is no file /nonexistent", "web.certificate=/nonexistent", "web.key=/etc/passwd")


def test_words_of_uhohctl(directory):
    data = directory / "data"
    ctl = Ctl(data)
    with server(data) as one:
        url = "http://" + one.ready()["listeners"]["web.http"]
        for token in ([], ["--token", "bad"]):
            result = run(BIN / "uhohctl", "--url", url, *token, "user", "list")
            expect(result.code == 1 and result.out == "" and "--token" in result.err, result)
        for command in (["doctor"], ["backup", "/tmp/x"]):
            result = run(BIN / "uhohctl", "--url", url, "--token", "bad", *command)
            expect(result.code == 2 and result.out == "" and "--data-dir instead of --url" in result.err, result)
        result = run(BIN / "uhohctl", "--url", "http://127.0.0.1:1", "user", "list")
        expect(result.code == 1 and result.out == "", result)
        ctl.fails(2, 'there is no command "frob" here; there are add, add-range', "user", "frob")
        ctl.fails(2, 'there is no command "help" here; there are user', "help")
        ctl.fails(2, "can't be suspended", "user", "suspend", "10000")
        ctl.fails(2, "there is no directory /nonexistent", "backup", "/nonexistent/x")
        number = ctl.ok("user", "add", "--password", "x", "--charset", "koi8-r").strip()
        expect("koi8-r" in ctl.ok("user", "show", number))
        ctl.fails(2, "the group has no name", "group", "create", "--name", "", "--owner", number)
        os.remove(data / "uhohd.sock")
        ctl.fails(1, "nobody answers at its uhohd.sock", "status")
    result = ctl("status", "--json")
    expect(result.code == 1 and json.loads(result.out)["running"] is False, result)
    ctl.fails(1, "no server runs", "registration", "closed")


def test_sighup(directory):
    data = directory / "data"
    data.mkdir()
    file = data / "uhohd.toml"
    file.write_text("[log]\nlevel = \"info\"\n", encoding="utf-8")
    with server(data) as one:
        expect(registers(("127.0.0.1", one.port())) is None, "registration is closed at first")
        file.write_text("[log]\nlevel = \"warn\"\n[accounts]\nregistration = \"open\"\ninbox_messages = 5\n",
                        encoding="utf-8")
        one.process.send_signal(signal.SIGHUP)
        one.wait_for_text(r"setting_reloaded key=log\.level")
        one.wait_for_text(r"setting_reloaded key=accounts\.registration")
        one.wait_for_text(r"setting_needs_restart key=accounts\.inbox_messages")
        expect((registers(("127.0.0.1", one.port())) or 0) >= 10001, "registration was opened")
        file.write_text("[log]\nlevle = \"warn\"\n", encoding="utf-8")
        one.process.send_signal(signal.SIGHUP)
        one.wait_for_text(r"configuration_wrong .*uhohd\.toml:2:")
        Ctl(data).ok("status")


# ---- uhohctl ---------------------------------------------------------------------------------------------------

def test_accounts_with_a_server(directory):
    data = directory / "data"
    with server(data):
        accounts(Ctl(data))
        Ctl(data).fails(1, "not logged in", "session", "kick", "10001")


def test_accounts_without_a_server(directory):
    ctl = Ctl(directory / "data")
    ctl.fails(1, "there is no data directory", "user", "list")
    accounts(ctl)
    ctl.fails(1, "no server runs", "session", "list")
    ctl.fails(1, "no server runs", "broadcast", "hello")
    ctl.fails(1, "no server runs", "metrics")
    expect("no server runs" in ctl("status").out)
    with server(directory / "data") as one:
        expect(ctl.ok("user", "show", "1234"), "what was made offline is there")
        client = Icq(one.port(), 1234, "other")
        expect(client.online(), "and its password is right")


def accounts(ctl):
    first = ctl.ok("user", "add", "--password", "secret", "--nick", "Ann", "--email", "ann@example.org")
    expect(first == "10001\n", first)
    expect(ctl.ok("user", "add", stdin="from stdin\n", env={"UHOH_PASSWORD": "env"}) == "10002\n")
    expect(ctl.ok("user", "add", "--uin", "1234", "--password", "-", stdin="piped\n") == "1234\n")
    ctl.fails(1, "number 1234 is taken", "user", "add", "--uin", "1234", "--password", "x")
    ctl.fails(2, "a password is needed", "user", "add")
    ctl.fails(2, "password is empty", "user", "add", "--password", "")
    ctl.fails(2, "charset", "user", "add", "--password", "x", "--charset", "ebcdic")
    expect("note:" in ctl("user", "add", "--password", "much too long for 1998").err)

    users = ctl.json("user", "list")
    expect([u["uin"] for u in users] == [1234, 10000, 10001, 10002, 10003], str(users))
    expect("Ann" in ctl.ok("user", "list"))
    account = ctl.json("user", "show", "10001")
    expect(account["nick"] == "Ann" and account["kept_messages"] == 1, "greeted once: " + str(account))
    expect(account["charset"] == "cp1252" and account["address_policy"] == "mutual", str(account))
    ctl.fails(1, "there is no account 77", "user", "show", "77")

    ctl.ok("user", "set", "10001", "--nick", "Anna", "--auth", "required", "--charset", "cp1251", "--address-policy", "nobody")
    account = ctl.json("user", "show", "10001")
    expect((account["nick"], account["authorization"], account["charset"], account["address_policy"], account["email"]) ==
           ("Anna", "required", "cp1251", "nobody", "ann@example.org"), str(account))
    ctl.fails(2, "nothing is to be changed", "user", "set", "10001")
    ctl.fails(1, "there is no account", "user", "set", "77", "--nick", "X")
    ctl.ok("user", "passwd", "1234", "--password", "other")
    ctl.fails(1, "there is no account", "user", "passwd", "77", "--password", "x")

    ctl.ok("user", "suspend", "10002", "--until", "7d", "--reason", "spam")
    account = ctl.json("user", "show", "10002")
    expect(account["suspended_until"] and account["suspended_reason"] == "spam", str(account))
    ctl.ok("user", "resume", "10002")
    expect(ctl.json("user", "show", "10002")["suspended_until"] is None)
    ctl.fails(2, "in the past", "user", "suspend", "10002", "--until", "1999-12-31")

    ctl.ok("friend", "add", "1234", "10001", "--both")
    ctl.fails(1, "there is no account 77", "friend", "add", "1234", "77")
    ctl.fails(2, "his own friend", "friend", "add", "1234", "1234")

    out = ctl.ok("group", "create", "--name", "Tea", "--owner", "1234", "--members", "10001,10002,77")
    expect(out.strip() == "2000000000", out)
    expect(ctl.json("group", "list") == [{"room": 2000000000, "name": "Tea", "owner": 1234, "members": 3}])
    shown = ctl.json("group", "show", "2000000000")
    expect([m["uin"] for m in shown["members"]] == [1234, 10001, 10002] and shown["joining"] == "ask", shown)
    ctl.fails(1, "there is no account 78", "group", "create", "--name", "Tea", "--owner", "78")
    ctl.fails(2, "no name", "group", "create", "--name", "", "--owner", "1234")
    ctl.ok("group", "dismiss", "2000000000")
    ctl.fails(1, "there is no group", "group", "dismiss", "2000000000")

    ctl.ok("user", "delete", "10003")
    ctl.fails(1, "there is no account", "user", "delete", "10003")
    ctl.fails(2, "system", "user", "delete", "10000")

    out = ctl.ok("user", "add-range", "--first", "200000", "--count", "2500", "--password", "test", "--nick", "load%")
    expect(out.startswith("2500 accounts made, 200000 to 202499"), out)
    out = ctl.ok("user", "add-range", "--first", "202499", "--count", "2", "--password", "test")
    expect("1 accounts made" in out and "1 numbers were taken" in out, out)
    expect(ctl.json("user", "show", "202499")["nick"] == "load202499")
    expect(len(ctl.json("user", "list")) == 2505)
    ctl.fails(2, "can't be the number", "user", "add-range", "--first", "1999999999", "--count", "2", "--password", "x")

    expect(ctl.ok("ban", "add", "192.0.2.77/24", "--reason", "noise", "--until", "2099-01-01") == "192.0.2.0/24 is banned\n")
    ctl.ok("ban", "add", "2001:db8::1")
    bans = ctl.json("ban", "list")
    expect(sorted(b["cidr"] for b in bans)[0] == "192.0.2.0/24" and len(bans) == 2, str(bans))
    expect("noise" in ctl.ok("ban", "list"))
    ctl.ok("ban", "remove", "192.0.2.0/24")
    ctl.fails(1, "there is no ban", "ban", "remove", "192.0.2.0/24")
    ctl.fails(2, "", "ban", "add", "not an address")
    for ban in ctl.json("ban", "list"):
        ctl.ok("ban", "remove", ban["cidr"])

    copy = pathlib.Path(ctl.data).parent / "copy.db"
    ctl.ok("backup", copy)
    expect(copy.stat().st_size > 100_000, "the copy has everything")
    ctl.fails(1, "exists already", "backup", copy)
    copy.unlink()


def test_sessions_broadcast_kick_and_locks(directory):
    data = directory / "data"
    ctl = Ctl(data)
    with server(data) as one:
        for uin in (20001, 20002, 20003):
            ctl.ok("user", "add", "--uin", uin, "--password", "pw")
        clients = [Icq(one.port(), uin, "pw") for uin in (20001, 20002, 20003)]
        expect(all(c.online() for c in clients), "they are logged in: " + one.text())
        sessions = ctl.json("session", "list")
        expect(sorted(s["uin"] for s in sessions) == [20001, 20002, 20003], str(sessions))
        expect(all(s["dialect"] == "icq" and s["status"] == "online" for s in sessions), str(sessions))
        expect("20002" in ctl.ok("session", "list"))
        expect(ctl.json("user", "show", "20001")["online"] is True)
        expect(ctl.json("status")["sessions"] == 3)

        expect(ctl.ok("broadcast", "Back at noon").startswith("sent to 3 sessions"))
        for client in clients:
            body = client.wait_for(0x0104)
            while body is not None and b"Back at noon" not in body:
                body = client.wait_for(0x0104)
            expect(body is not None, "the broadcast came")

        ctl.ok("session", "kick", "20001")
        expect(clients[0].wait_for(0x0028) is not None, "the client is told")
        ctl.ok("user", "suspend", "20002", "--until", "1h", "--reason", "x")
        ctl.ok("user", "delete", "20003")
        expect(ctl.json("session", "list") == [], "suspended and deleted accounts are logged off")
        again = Icq(one.port(), 20002, "pw")
        expect(not again.wait_for(0x005A, 1.5), "nobody logs in with a suspended account")

        ctl.ok("user", "passwd", "20001", "--password", "new")
        wrong = Icq(one.port(), 20001, "pw")
        expect(wrong.wait_for(0x005A, 1.5) is None, "the old password does not work any more")
        right = Icq(one.port(), 20001, "new")
        expect(right.online(), "the new one does")

        ctl.ok("ban", "add", "127.0.0.9")
        ctl.ok("user", "add", "--uin", "20009", "--password", "pw")
        banned = Icq(one.port(), 20009, "pw", "127.0.0.9")
        expect(banned.wait_for(0x005A, 1.5) is None, "a banned address gets no answer")
        ctl.ok("ban", "remove", "127.0.0.9")
        banned = Icq(one.port(), 20009, "pw", "127.0.0.9")
        expect(banned.online(), "and an answer again")


def test_backup_can_be_restored(directory):
    data, copy = directory / "data", directory / "copy.db"
    ctl = Ctl(data)
    with server(data):
        ctl.ok("user", "add", "--password", "pw", "--nick", "Kept")
        ctl.ok("backup", copy)
        ctl.ok("user", "add", "--password", "pw", "--nick", "Later")
    for name in ("uhoh.db", "uhoh.db-wal", "uhoh.db-shm"):
        (data / name).unlink(missing_ok=True)
    shutil.copy(copy, data / "uhoh.db")
    with server(data):
        expect([u["nick"] for u in ctl.json("user", "list")] == ["uhoh", "Kept"])


def test_status_and_metrics(directory):
    data = directory / "data"
    ctl = Ctl(data)
    with server(data) as one:
        status = ctl.json("status")
        expect(status["running"] and status["pid"] == one.process.pid and status["shards"] == 2, str(status))
        expect(str(one.port()) in ctl.ok("status"))
        metrics = ctl.ok("metrics")
        expect("# TYPE uhoh_" in metrics and "uhoh_storage_groups_total" in metrics, metrics)


def test_doctor(directory):
    data = directory / "data"
    ctl = Ctl(data)
    with server(data) as one:
        result = ctl("doctor")
        expect(result.code == 0, repr(result) + one.text())
        for word in ("server", "receive buffer", "file limit", "clock", "database", "icq.udp", "log-in", "message", "log-off"):
            expect(re.search(rf"^(ok  |warn)  {word}", result.out, re.M), result)
        expect(len(ctl.json("user", "list")) == 1, "the temporary account is gone")
        expect(ctl.ok("user", "add", "--password", "x") == "10001\n", "and took no number from anybody")
        ctl.ok("user", "delete", "10001")
        ctl.ok("ban", "add", "127.0.0.0/8")
        result = ctl("doctor")
        expect(result.code == 1 and re.search(r"^FAIL  log-in", result.out, re.M) and "->" in result.out, result)
        expect(len(ctl.json("user", "list")) == 1, "the temporary account is gone here, too")
    result = ctl("doctor")
    expect(result.code == 1 and "none runs" in result.out and "ok    database" in result.out, result)


def test_many_accounts_quickly(directory):
    for name, running in (("with", True), ("without", False)):
        data = directory / name
        with server(data) if running else contextlib.nullcontext():
            started = time.monotonic()
            Ctl(data).ok("user", "add-range", "--first", "1000000", "--count", "40000", "--password", "x", timeout=120)
            took = time.monotonic() - started
            print(f"    40000 accounts {name} a server: {took:.1f} s")
            expect(took < 60, f"{took} s")


def test_socket_survives_nonsense(directory):
    data = directory / "data"
    ctl = Ctl(data)
    path = str(data / "uhohd.sock")

    def talk(request):
        with socket.socket(socket.AF_UNIX) as one:
            one.settimeout(10)
            one.connect(path)
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                one.sendall(request)
                return one.recv(4096)
        return b""

    with server(data):
        expect(b" 400 " in talk(b"nonsense\r\n\r\n").split(b"\r\n")[0], "no HTTP")
        answer = talk(b"POST /api/v1/users HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n")
        expect(b" 413 " in answer.split(b"\r\n")[0], repr(answer))
        answer = talk(b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 100_000 + b"\r\n\r\n")
        expect(b" 200 " not in answer, repr(answer))
        answer = talk(b"TRACE /api/v1/status HTTP/1.1\r\nHost: x\r\n\r\n")
        expect(b" 405 " in answer.split(b"\r\n")[0], repr(answer))
        idle = []
        for _ in range(200):
            one = socket.socket(socket.AF_UNIX)
            with contextlib.suppress(BlockingIOError):
                one.setblocking(False)
                one.connect(path)
            idle.append(one)
        time.sleep(0.2)
        for one in idle:
            one.close()
        ctl.ok("status")


def test_long_data_directory(directory):
    data = directory / ("d" * 120)
    with server(data):
        Ctl(data).ok("status")


def main(names):
    tests = [(n, f) for n, f in globals().items() if n.startswith("test_") and (not names or n in names or n[5:] in names)]
    passed = failed = skipped = 0
    for name, test in tests:
        with tempfile.TemporaryDirectory(prefix="uhoh-") as directory:
            try:
                test(pathlib.Path(directory))
                passed += 1
                print(f"ok      {name}", flush=True)
            except Skipped as why:
                skipped += 1
                print(f"skipped {name}: {why}", flush=True)
            except Exception:  # a test that breaks must not keep the others from running
                failed += 1
                print(f"FAILED  {name}\n{traceback.format_exc()}", flush=True)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

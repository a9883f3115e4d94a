"""A machine of its own, as a sysadmin finds it: mail servers and clients run there as they would anywhere.

It is a set of namespaces: what is written to /etc, /srv, /var and so on is written to copies, the network is a loopback
interface and nothing else, and all processes end with the first one, even if the test was killed. The programs are
those of this machine, and `supportctl` is this checkout, installed in /opt/supportctl.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

import pytest

from tests.support.desks import ROOT

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
TOOLS = ("unshare", "nsenter", "ip", "mount", "adduser", "runuser")
PROGRAM = "/opt/supportctl/bin/supportctl"
PYTHON = f"/opt/supportctl/python/bin/{Path(sys.executable).resolve().name}"
COPIED = ("etc",)
EMPTY = (
    "opt",
    "root",
    "usr/local",
    "srv",
    "home",
    "tmp",
    "run",
    "var/log",
    "var/mail",
    "var/spool",
    "var/lib/dovecot",
    "var/lib/postfix",
)

_BOOT = """\
set -e
cd "$1"; shift
mount -t proc proc /proc
ip link set lo up
hostname desk.example.org
for pair in "$@"; do mount --bind "${pair#*=}" "${pair%%=*}"; done
for place in $(cat places); do [ ! -d "/$place" ] || mount --rbind "$place" "/$place"; done
echo ready
exec sleep infinity
"""

_PROGRAM = f"""\
#!{PYTHON} -I
import sys
sys.path[:0] = ["/opt/supportctl/checkout", "/opt/supportctl/packages"]
from supportctl.cli.main import main
main()
"""


@dataclass(slots=True)
class Host:
    """The machine, of which `base` has the copies, each under its name."""

    base: Path
    _first: subprocess.Popen[bytes] | None = None
    _pid: int = 0

    def boot(self) -> None:
        """Start the machine; skip the test where that can't be."""
        for place in (*COPIED, *EMPTY):
            (self.base / place).mkdir(parents=True)
        for place in ("tmp", "var/mail"):
            (self.base / place).chmod(0o1777)
        self.base.chmod(0o755)
        subprocess.run(["cp", "-a", "/etc/.", str(self.base / "etc")], check=True)
        (self.base / "places").write_text("\n".join((*COPIED, *EMPTY)))
        self._start(self._install())
        self.write("/etc/hosts", "127.0.0.1 localhost\n127.0.0.1 desk.example.org desk\n")
        self.write("/etc/resolv.conf", "")

    def _install(self) -> list[str]:
        home = self.base / "opt" / "supportctl"
        places = {"python": sys.base_prefix, "packages": sysconfig.get_path("purelib"), "checkout": str(ROOT)}
        for name in ("bin", *places):
            (home / name).mkdir(parents=True)
        program = home / "bin" / "supportctl"
        program.write_text(_PROGRAM)
        program.chmod(0o755)
        return [f"{home / name}={place}" for name, place in places.items()]

    def _start(self, mounts: list[str]) -> None:
        apart = ["unshare", "--mount", "--net", "--pid", "--uts", "--ipc", "--fork", "--kill-child"]
        self._first = subprocess.Popen(
            [*apart, "--propagation", "private", "sh", "-c", _BOOT, "sh", str(self.base), *mounts],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        assert self._first.stdout is not None
        if self._first.stdout.readline() != b"ready\n":
            pytest.skip(f"no namespaces here: {self._first.communicate()[1].decode()}")
        children = Path(f"/proc/{self._first.pid}/task/{self._first.pid}/children").read_text()
        self._pid = int(children.split()[0])

    def shut_down(self) -> None:
        """End all of its processes, and remove what was made in it."""
        if self._first is not None:
            self._first.kill()
            self._first.communicate()
        shutil.rmtree(self.base)

    def path(self, name: str) -> Path:
        """Where a file of the machine, named as there, is seen from here."""
        return Path(f"/proc/{self._pid}/root") / name.removeprefix("/")

    def write(self, name: str, text: str, mode: int = 0o644, account: str = "root") -> None:
        """Write a file of the machine, in one step: nobody reads half of it, or an empty program."""
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.new")
        fresh.write_text(text)
        fresh.chmod(mode)
        fresh.rename(path)
        if account != "root":
            self.run(f"chown {account}: {name}")

    def command(self, script: str, account: str = "root") -> list[str]:
        """The command line that runs a shell script there, as an account that has just logged in."""
        home, uid, gid = self._account(account)
        as_account = ["setpriv", f"--reuid={uid}", f"--regid={gid}", "--init-groups"] if uid else []
        names = {"PATH": PATH, "HOME": home, "USER": account, "LOGNAME": account, "LANG": "C.UTF-8", "TERM": "xterm"}
        return [
            *("nsenter", f"--target={self._pid}", "--mount", "--net", "--pid", "--uts", "--ipc", "--"),
            *as_account,
            *("env", "-i", f"--chdir={home}", *(f"{name}={value}" for name, value in names.items())),
            *("sh", "-c", script),
        ]

    def run(
        self, script: str, account: str = "root", input: bytes = b"", status: int | None = 0
    ) -> subprocess.CompletedProcess[bytes]:
        """Run a shell script there to its end; its exit status must be `status` (None: any).

        What it leaves running may keep its output open: files, not pipes, which would be waited for.
        """
        with TemporaryFile() as given, TemporaryFile() as said, TemporaryFile() as told:
            given.write(input)
            given.seek(0)
            command = self.command(script, account)
            ended = subprocess.run(command, stdin=given, stdout=said, stderr=told, check=False, timeout=300)
            said.seek(0)
            told.seek(0)
            done = subprocess.CompletedProcess(command, ended.returncode, said.read(), told.read())
        if status is not None:
            text = f"{done.stdout.decode(errors='replace')}\n{done.stderr.decode(errors='replace')}"
            assert done.returncode == status, f"{account}: {script}\nexit {done.returncode}\n{text}"
        return done

    def tell(self, script: str, account: str = "root", input: bytes = b"") -> str:
        """What a shell script there writes to its standard output."""
        return self.run(script, account, input).stdout.decode()

    def _account(self, name: str) -> tuple[str, int, int]:
        lines = (line.split(":") for line in self.path("/etc/passwd").read_text().splitlines())
        found = next(fields for fields in lines if fields[0] == name)
        return found[5], int(found[2]), int(found[3])


def require_host(*programs: str) -> None:
    """Skip the test where there can be no such machine, or where these programs are not installed."""
    if os.getuid() != 0:
        pytest.skip("only root can make a machine of its own")
    missing = [tool for tool in (*TOOLS, *programs) if shutil.which(tool, path=PATH) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")


def wait_until(what: Callable[[], object], seconds: float = 60, step: Callable[[], object] | None = None) -> None:
    """Wait until something is so, doing a step again and again."""
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        if step:
            step()
        time.sleep(0.1)

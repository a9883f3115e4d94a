"""Real accounts with real sudo, on a machine that does not notice.

Everything lives in a mount namespace of its own: a process there sees a copy of /etc, in which accounts and sudo's
rules can be made as one likes, and this Python and this checkout in a place that every account may enter. When the
process that holds the namespace ends, all of it is gone, even if the test was killed.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.desks import ROOT

GROUP = "crew"
"""All accounts belong to it."""

TOOLS = ("unshare", "nsenter", "setpriv", "useradd", "groupadd", "sudo", "visudo")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

_HOLD = """\
set -e
cd "$1"
mount --bind etc /etc
mount --bind "$2" python
mount --bind "$3" packages
mount --bind "$4" checkout
echo ready
exec sleep 3600
"""

_PROGRAM = """\
#!{base}/python/bin/{name} -I
import sys
sys.path[:0] = ["{base}/checkout", "{base}/packages"]
from supportctl.cli.main import main
main()
"""

_SUDOERS = """\
Defaults env_keep += "SUPPORTCTL_CONFIG", umask = 0777
root ALL=(ALL:ALL) ALL
{callers} ALL=({owner}) NOPASSWD: {program}
"""


@dataclass(slots=True)
class Town:
    """The accounts of a guarded desk: its owner, and the callers that sudo lets run `supportctl` as the owner."""

    base: Path
    owner: str
    callers: tuple[str, ...]
    uids: dict[str, int] = field(default_factory=dict)
    holder: subprocess.Popen[bytes] | None = None

    @property
    def group(self) -> int:
        """The number of the group that all accounts share."""
        lines = [line.split(":") for line in (self.base / "etc" / "group").read_text().splitlines()]
        return next(int(fields[2]) for fields in lines if fields[0] == GROUP)

    @property
    def program(self) -> Path:
        """The `supportctl` of this town."""
        return self.base / "bin" / "supportctl"

    def settle(self) -> None:
        """Make the namespace, the accounts and sudo's rules; skip the test where that can't be."""
        for name in ("etc", "python", "packages", "checkout", "bin", "home"):
            (self.base / name).mkdir()
        self.base.chmod(0o755)
        subprocess.run(["cp", "-a", "/etc/.", str(self.base / "etc")], check=True)
        self._hold()
        self._enter("groupadd", GROUP)
        for account in (self.owner, *self.callers):
            self._add(account)
        self.uids["root"] = 0
        self.program.write_text(_PROGRAM.format(base=self.base, name=Path(sys.executable).resolve().name))
        self.program.chmod(0o755)
        self._write_sudoers()
        done = self.run(self.callers[0], "sudo", "-n", "-u", self.owner, str(self.program), "--version")
        if done.returncode:
            pytest.skip(f"sudo or Python does not work for other accounts here: {done.stderr.decode()}")

    def leave(self) -> None:
        """End the namespace, and all that was made in it."""
        if self.holder is not None:
            self.holder.kill()
            self.holder.wait()
        shutil.rmtree(self.base)

    def run(
        self,
        account: str,
        *command: str,
        input: bytes = b"",
        folder: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[bytes]:
        """Run a command as an account, with an environment of nothing else."""
        assert self.holder is not None
        uid = self.uids[account]
        variables = {"PATH": PATH, "HOME": str(self.base / "home" / account), "USER": account, **(environment or {})}
        return subprocess.run(
            [
                *("nsenter", f"--mount=/proc/{self.holder.pid}/ns/mnt", "--"),
                *("setpriv", f"--reuid={uid}", f"--regid={uid}", "--init-groups", "--"),
                *("env", "-i", f"--chdir={folder or self.base}"),
                *(f"{name}={value}" for name, value in variables.items()),
                *command,
            ],
            input=input, capture_output=True, check=False, timeout=60,
        )  # fmt: skip

    def _hold(self) -> None:
        places = [sys.base_prefix, sysconfig.get_path("purelib"), str(ROOT)]
        self.holder = subprocess.Popen(
            ["unshare", "--mount", "--propagation", "private", "sh", "-c", _HOLD, "sh", str(self.base), *places],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        assert self.holder.stdout is not None
        if self.holder.stdout.readline() != b"ready\n":
            pytest.skip(f"no mount namespace here: {self.holder.communicate()[1].decode()}")

    def _add(self, account: str) -> None:
        home = self.base / "home" / account
        options = [
            "--user-group",
            "--groups",
            GROUP,
            "--no-create-home",
            "--no-log-init",
            "--home-dir",
            str(home),
            "--shell",
            "/bin/sh",
        ]
        self._enter("useradd", *options, account)
        lines = [line.split(":") for line in (self.base / "etc" / "passwd").read_text().splitlines()]
        self.uids[account] = uid = next(int(fields[2]) for fields in lines if fields[0] == account)
        home.mkdir(mode=0o700)
        os.chown(home, uid, uid)

    def _enter(self, *command: str) -> None:
        assert self.holder is not None
        enter = ["nsenter", f"--mount=/proc/{self.holder.pid}/ns/mnt", "--"]
        subprocess.run([*enter, *command], check=True, capture_output=True, env={"PATH": PATH})

    def _write_sudoers(self) -> None:
        file = self.base / "etc" / "sudoers"
        file.chmod(0o600)
        file.write_text(_SUDOERS.format(callers=", ".join(self.callers), owner=self.owner, program=self.program))
        file.chmod(0o440)
        subprocess.run(["visudo", "-cf", str(file)], check=True, capture_output=True, env={"PATH": PATH})


def require_town(*accounts: str) -> None:
    """Skip the test where there can be no such accounts."""
    if os.getuid() != 0:
        pytest.skip("only root can act as other accounts")
    missing = [tool for tool in TOOLS if shutil.which(tool, path=PATH) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    taken = {entry.pw_name for entry in pwd.getpwall()} & set(accounts)
    if taken:
        pytest.skip(f"this machine has accounts of these names: {', '.join(taken)}")

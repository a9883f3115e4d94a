"""Mail as other programs write it: formail before a pipe and into an mbox, Dovecot into a compressed Maildir."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.desks import DeskDir, make_mail


def needs(program: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"{program} is not installed")


@needs("formail")
def test_formail_puts_a_line_before_what_it_pipes(desk: DeskDir) -> None:
    mail = make_mail("By pipe", mid="pipe@x.test")
    for sender in ("ann@example.org", "lou@example.org"):
        options = ["-I", f"Return-Path: <{sender}>"] if sender.startswith("ann") else []
        piped = subprocess.run(["formail", *options], input=mail, capture_output=True, check=True).stdout
        assert piped.startswith(b"From ann@example.org ")
        desk.run("ingest", "-", input=piped)
        assert desk.ids("search", "subject:pipe") == list(desk.tickets())
    (message,) = next(iter(desk.tickets().values()))["messages"]
    assert message["envelope"].startswith("ann@example.org ")
    assert not [content for content in desk.mails("triage").values() if content.startswith(b"From ann")]


@needs("formail")
def test_formail_and_the_desk_split_an_mbox_alike(desk: DeskDir, tmp_path: Path) -> None:
    mails = [make_mail(f"Mail {n}", text=f"{n}\n\nFrom here on\nFrom there\n", mid=f"{n}@x.test") for n in range(5)]
    box = tmp_path / "box"
    for mail in mails:
        with box.open("ab") as stream:
            subprocess.run(["formail"], input=mail, stdout=stream, check=True)
    counted = subprocess.run(["formail", "-s", "echo", "one"], input=box.read_bytes(), capture_output=True, check=True)
    assert len(desk.rows("ingest", str(box))) == len(mails) == counted.stdout.count(b"one\n")
    assert sorted(content.replace(b"\n>From", b"\nFrom") for content in desk.mails("triage").values()) == sorted(mails)


DOVECOT = """\
base_dir={folder}/run
state_dir={folder}/run
log_path={folder}/log
mail_location=maildir:{folder}/box
mail_plugins=$mail_plugins zlib
ssl=no
protocols=
first_valid_uid=0
first_valid_gid=0
mail_uid={uid}
mail_gid={gid}
plugin {{
  zlib_save={kind}
}}
"""


@needs("doveadm")
@pytest.mark.skipif(os.getuid() != 0, reason="only root can tell Dovecot whose mail it is")
@pytest.mark.parametrize("kind", ["gz", "bz2", "zstd", "lz4"])
def test_what_dovecot_has_compressed_is_read(desk: DeskDir, kind: str) -> None:
    nobody = pwd.getpwnam("nobody")
    folder = desk.folder / "dovecot"
    (folder / "run").mkdir(parents=True)
    values = {"folder": folder, "uid": nobody.pw_uid, "gid": nobody.pw_gid, "kind": kind}
    (folder / "conf").write_text(DOVECOT.format(**values))
    for path in (folder, *folder.iterdir()):
        os.chown(path, nobody.pw_uid, nobody.pw_gid)
    for path in (desk.folder, *desk.folder.parents[:-3]):
        path.chmod(path.stat().st_mode | 0o011)
    mail = make_mail("By Dovecot", text="x" * 60 + "\n" + "much the same\n" * 100)
    command = ["doveadm", "-c", str(folder / "conf"), "save", "-m", "INBOX"]
    environment = {"USER": "nobody", "HOME": str(folder), "PATH": os.environ["PATH"]}
    done = subprocess.run(command, input=mail, capture_output=True, env=environment, check=False)
    files = list(folder.glob("box/*/*,S=*"))
    if not files:
        pytest.skip(f"doveadm: {done.stderr.decode()}")
    assert files[0].stat().st_size < len(mail) / 2
    if kind == "lz4":
        assert b"compressed (lz4)" in desk.run("ingest", str(folder / "box"), status=3).stderr
    else:
        desk.run("ingest", str(folder / "box"))
        assert list(desk.mails("triage").values()) == [mail]

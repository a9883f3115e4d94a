"""`init`: a new desk stands, and nothing of an old one is lost."""

from __future__ import annotations

from pathlib import Path

from tests.support.desks import CACERT, ROOT, DeskDir, launcher, make_mail

HELP_DESK = ROOT / "tests" / "support" / "desks" / "help.yaml"


def test_a_new_desk_takes_mail_at_once(desk: DeskDir, tmp_path: Path) -> None:
    target = tmp_path / "new" / "desk"
    line = ["--config", str(HELP_DESK), "init", str(target)]
    done = launcher().run(line, b"", desk.environment, tmp_path)
    assert (done.returncode, done.stdout) == (0, b"")
    assert f"{target / 'queues.yaml'}: 3 queues, mail in {target / 'mail'}" in done.stderr.decode()
    assert (target / "queues.yaml").read_bytes() == HELP_DESK.read_bytes()
    line = ["--config", str(target / "queues.yaml"), "ingest", "-"]
    assert launcher().run(line, make_mail(), desk.environment, tmp_path).returncode == 0


def test_without_a_configuration_it_is_the_desk_of_the_package(desk: DeskDir, tmp_path: Path) -> None:
    target = tmp_path / "here"
    target.mkdir()
    done = launcher().run(["init"], b"", desk.environment, target)
    assert done.returncode == 0, done.stderr
    assert (target / "queues.yaml").read_bytes() == CACERT.read_bytes()
    assert (target / "maildir" / ".triage" / "new").is_dir()


def test_a_desk_that_is_made_again_keeps_its_mail(desk: DeskDir) -> None:
    desk.take(make_mail("One"))
    desk.deliver(make_mail("Waits"))
    before = desk.contents()
    desk.run("init", str(desk.folder))
    assert desk.contents() == before
    assert len(desk.lines("ingest")) == 1


def test_another_configuration_is_not_overwritten(desk: DeskDir) -> None:
    line = ["--config", str(HELP_DESK), "init", str(desk.folder)]
    refused = launcher().run(line, b"", desk.environment, desk.folder)
    assert refused.returncode == 2
    assert b"queues.yaml exists and differs from " in refused.stderr
    assert desk.config.read_bytes() == CACERT.read_bytes()

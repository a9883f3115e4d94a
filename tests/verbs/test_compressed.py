"""Mail that Dovecot or somebody else has compressed: read, or left with the reason; never rewritten on the desk."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from supportctl.errors import UnreadableMessageError
from supportctl.store import message_files, packing
from tests.support.desks import DeskDir, make_mail, make_maildir


def pack_zstd(data: bytes) -> bytes:
    if sys.version_info >= (3, 14):
        from compression import zstd

        return zstd.compress(data, options={zstd.CompressionParameter.checksum_flag: 1})  # type: ignore[no-any-return]
    zstandard = pytest.importorskip("zstandard")
    return bytes(zstandard.ZstdCompressor(write_checksum=True).compress(data))


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": pack_zstd,
}
LARGE = "0123456789 abcdef\n" * 40_000
every_kind = pytest.mark.parametrize("kind", PACKERS)


@every_kind
def test_what_is_copied_is_kept_as_it_is_unpacked(desk: DeskDir, tmp_path: Path, kind: str) -> None:
    mails = [make_mail(f"Mail {number}", text=text, mid=f"{number}@x") for number, text in enumerate(("x\n", LARGE))]
    packed = {f"cur/{n}.M1.host,S={len(mail)}:2,S": PACKERS[kind](mail) for n, mail in enumerate(mails)}
    box = make_maildir(tmp_path / "box", packed)
    desk.run("ingest", str(box))
    assert sorted(desk.mails("triage").values()) == sorted(mails)
    assert {place: path.read_bytes() for place in packed if (path := box / place)} == packed
    (tmp_path / "again.eml").write_bytes(mails[1])
    assert [row["outcome"] for row in desk.rows("ingest", str(tmp_path / "again.eml"))] == ["duplicate"]


@every_kind
def test_what_lies_in_the_inbox_stays_compressed_and_is_read(desk: DeskDir, kind: str) -> None:
    mail = make_mail("Parcel", text=f"Where is it?\n{LARGE}", mid="p@x.test")
    packed = PACKERS[kind](mail)
    desk.deliver(packed)
    (ticket,) = desk.lines("ingest", "--classify")
    assert list(desk.mails("triage").values()) == [packed]
    assert f"its file is compressed ({kind})" in desk.run("show", ticket).stdout.decode()
    assert "Where is it?" in desk.run("show", ticket).stdout.decode()
    assert desk.run("show", "--raw", ticket).stdout == mail
    desk.run("forward", ticket, "--to", "lou@example.org")
    (sent,) = desk.outbox()
    assert [part.get_content_type() for part in sent.walk()][2] == "message/rfc822"
    desk.run("close", ticket)
    desk.check()
    desk.forget_index()
    assert desk.ids("search", '"where is it"') == [ticket]
    desk.deliver(packed)
    assert [row["outcome"] for row in desk.rows("ingest")] == ["duplicate"]


@every_kind
def test_an_mbox_may_be_compressed(desk: DeskDir, tmp_path: Path, kind: str) -> None:
    texts = ["x\n", LARGE, f"From here\n{LARGE}"]
    mails = [make_mail(f"Mail {number}", text=text, mid=f"{number}@x") for number, text in enumerate(texts)]
    line = b"From ann@x.test Sun Nov 22 10:00:00 2026\n"
    box = b"".join(line + mail.replace(b"\nFrom here", b"\n>From here") + b"\n" for mail in mails)
    (tmp_path / "2026-November.txt.packed").write_bytes(PACKERS[kind](box[:1000]) + PACKERS[kind](box[1000:]))
    desk.run("ingest", "--mboxrd", str(tmp_path / "2026-November.txt.packed"))
    assert sorted(desk.mails("triage").values()) == sorted(mails)


@every_kind
@pytest.mark.parametrize("is_inbox", [True, False])
def test_what_is_damaged_is_left_with_the_reason(desk: DeskDir, tmp_path: Path, kind: str, is_inbox: bool) -> None:
    packed = PACKERS[kind](os.urandom(20_000))
    for number, data in enumerate((packed[: len(packed) // 2], packed[:9000] + b"\0" * 50 + packed[9050:])):
        box = desk.maildir if is_inbox else make_maildir(tmp_path / str(number))
        file = box / "new" / "1.x"
        file.write_bytes(data)
        done = desk.run("ingest", *([] if is_inbox else [str(box)]), status=3)
        assert f"it is compressed ({kind}), and damaged" in done.stderr.decode()
        assert desk.tickets() == {}
        file.unlink()


@pytest.mark.parametrize("magic", [b"\x04\x22\x4d\x18", b"Dovecot-LZ4\x0d\x2a\x9b\xc5"])
def test_what_nothing_here_reads_is_left_with_the_reason(desk: DeskDir, magic: bytes) -> None:
    desk.deliver(magic + b"x" * 100, make_mail("Another"))
    assert b"it is compressed (lz4), which can't be read here" in desk.run("ingest", status=3).stderr
    assert len(desk.tickets()) == 1
    (desk.maildir / "new" / next(iter(desk.mails(""))).partition("/")[2]).unlink()


def test_without_its_library_zstd_is_left_with_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mail").write_bytes(b"\x28\xb5\x2f\xfd" + b"x" * 100)
    monkeypatch.setitem(sys.modules, "zstandard", None)
    monkeypatch.setitem(sys.modules, "compression", None)
    with pytest.raises(UnreadableMessageError, match="install the Python package zstandard"):
        message_files.read_message(str(tmp_path / "mail"))


@every_kind
def test_a_bomb_is_not_unpacked_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setattr(packing, "_LARGEST", 6 << 20)
    monkeypatch.setattr(packing, "_LARGEST_RATIO", 1)
    (tmp_path / "mail").write_bytes(PACKERS[kind](b"\0" * (16 << 20)))
    with pytest.raises(UnreadableMessageError, match="far too large"):
        message_files.read_message(str(tmp_path / "mail"))
    with (tmp_path / "mail").open("rb") as stream:
        pieces = packing.unpack(stream, kind, 1000)
        assert len(next(pieces)) <= 4 * packing.PIECE

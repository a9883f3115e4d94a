"""The store of folders keeps the contract of a store; and the contract's tests ask for all of the contract."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from supportctl.model import Ticket
from supportctl.store import contract
from supportctl.store.contract import Store
from supportctl.store.store import FolderStore
from tests.support import outbox_contract, planning_contract, snapshot_contract, store_contract, store_scenes
from tests.support.store_contract import StoreContract
from tests.support.store_scenes import NOW, arrive, close, make_ticket, rewrite

PROTOCOLS = ("Snapshot", "MessageFeed", "Planning", "Writer", "Store")
ASKED_BY = (snapshot_contract, planning_contract, outbox_contract, store_contract, store_scenes)


class TestFolderStore(StoreContract):
    """A desk's files."""

    def open_store(self, folder: Path) -> FolderStore:
        """A handle on the store that lies in a folder, or will."""
        return FolderStore(folder / "maildir", 0)

    def spoil(self, store: Store, queue: str) -> None:
        """Make the metadata of the open tickets of a queue unreadable."""
        (root_of(store) / f".{queue}" / "tickets.json").write_bytes(b"{ torn")

    def lose(self, store: Store, ticket: Ticket) -> None:
        """Lose the bytes of a ticket's first message."""
        (path,) = root_of(store).glob(f".*/*/{ticket.messages[0].key}*")
        path.unlink()

    def test_a_month_folder_holds_a_thousand_tickets(self, store: Store) -> None:
        numbers = range(1, 1003)
        arrive(store, *map(make_ticket, numbers))
        close(store, *numbers[:1001])
        close(store, numbers[1001])
        rewrite(store, 1, state="open", closed=0)
        close(store, 1)
        folders = {f"triage.closed.2026-11{part}": count for part, count in (("", 1000), ("-2", 2))}
        assert count_by_folder(root_of(store)) == folders
        rewrite(store, 2, queue="junk")
        rewrite(store, 3, closed=NOW - 40 * 86400, queue="junk")
        assert count_by_folder(root_of(store)) == {
            "triage.closed.2026-11": 998, "triage.closed.2026-11-2": 2, "junk.closed.2026-11": 1,
            "junk.closed.2026-10": 1,
        }  # fmt: skip


def root_of(store: Store) -> Path:
    """The Maildir of a store of folders."""
    assert isinstance(store, FolderStore)
    return store.root


def count_by_folder(root: Path) -> dict[str, int]:
    """How many tickets the metadata of each folder has."""
    counts = {path.parent.name[1:]: path.read_bytes().count(b'"id":') for path in root.glob(".*/tickets.json")}
    return {folder: count for folder, count in counts.items() if count}


def methods_of(protocol: str) -> list[str]:
    """The methods and properties that a protocol declares itself."""
    tree = ast.parse(Path(contract.__file__).read_text())
    (found,) = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == protocol]
    return [node.name for node in found.body if isinstance(node, ast.FunctionDef)]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_method_of_the_contract_is_asked_for_by_a_test(protocol: str) -> None:
    trees = [ast.parse(Path(str(module.__file__)).read_text()) for module in ASKED_BY]
    asked = {node.attr for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert len(methods_of(protocol)) >= 3
    assert set(methods_of(protocol)) <= asked


def test_every_protocol_of_the_contract_is_asked_for() -> None:
    tree = ast.parse(Path(contract.__file__).read_text())
    assert {node.name for node in tree.body if isinstance(node, ast.ClassDef)} == set(PROTOCOLS)

"""A machine with a desk for each test."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.hosts import Host, require_host
from tests.support.mail_hosts import MailHost


@pytest.fixture
def mail_host(request: pytest.FixtureRequest) -> Iterator[MailHost]:
    """A machine with the guarded desk of `docs/operations.md`; the marker `needs` names what programs a test needs."""
    marker = request.node.get_closest_marker("needs")
    require_host("sudo", "visudo", *(marker.args if marker else ()))
    host = Host(Path(tempfile.mkdtemp(prefix="supportctl-host-", dir="/dev/shm")))
    try:
        host.boot()
        made = MailHost(host)
        made.set_up_desk()
        yield made
    finally:
        host.shut_down()

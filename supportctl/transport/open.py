"""The courier of a transport."""

from __future__ import annotations

from collections.abc import Mapping

from supportctl.config import Transport
from supportctl.transport.answers import Courier


def open_transport(transport: Transport, environ: Mapping[str, str]) -> Courier | None:
    """The courier of a transport, which has spoken to nobody yet; None where nothing is to leave the desk.

    Raises ConfigError or DeniedError where its credentials can't be had.
    """
    if transport.kind == "maildir":
        return None
    if transport.kind == "sendmail":
        from supportctl.transport.sendmail import SendmailCourier

        return SendmailCourier(transport)
    from supportctl.transport.credentials import read_credentials
    from supportctl.transport.smtp import SmtpCourier

    return SmtpCourier(transport, read_credentials(transport.credentials, transport.host, environ))

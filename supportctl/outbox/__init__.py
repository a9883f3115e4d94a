"""Outgoing mail from the outbox to a transport, and what came of it back into the log."""

"""A support desk in a shell: every queue is a Maildir folder, every write is an operation."""

__version__ = "0.1.0"

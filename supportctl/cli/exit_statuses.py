"""The exit statuses without an error class in errors.py; docs/exit-statuses.md lists all."""

FAULT = 70
"""EX_SOFTWARE of sysexits(3): a fault of the program."""

TEMPORARY = 75
"""EX_TEMPFAIL, as in `TemporaryError`; repeated here, as a mail server gets it even if no import works."""

INTERRUPTED = 130
"""The status of a process that dies of SIGINT, as shells report it."""

CLOSED_PIPE = 141
"""The status of a process that dies of SIGPIPE, as shells report it."""

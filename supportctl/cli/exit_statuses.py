"""The exit statuses that no error of the desk has (errors.py has the others); docs/exit-statuses.md lists all."""

FAULT = 70
"""EX_SOFTWARE of sysexits(3): a fault of the program."""

TEMPORARY = 75
"""EX_TEMPFAIL, as in `TemporaryError`: written here too, since a mail server gets it even if no import works."""

INTERRUPTED = 130
"""As a shell reports death by SIGINT."""

CLOSED_PIPE = 141
"""As a shell reports death by SIGPIPE."""

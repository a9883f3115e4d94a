"""How a finished message leaves the desk: by an SMTP server, or by the machine's own `sendmail`; knows no desk."""

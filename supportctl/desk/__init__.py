"""One desk as one agent sees it: configuration, store and agent together."""

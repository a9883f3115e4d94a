"""Other programs on the same tree, as `docs/operations.md` sets them up: the real ones, on a machine of the test."""

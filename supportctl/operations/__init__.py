"""What the verbs do, as plans: each reads a state and enters changes in a `Draft`, and does nothing else."""

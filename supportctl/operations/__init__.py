"""What the verbs do, as plans: each reads a state and writes down changes in a `Draft`, and does nothing else."""

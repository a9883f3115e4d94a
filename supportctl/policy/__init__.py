"""Who may do what, and what a rule decides: pure functions of agent, right, queue and message."""

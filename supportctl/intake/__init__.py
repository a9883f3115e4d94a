"""Mail → tickets: the sources, the worker that reads ahead, the plan, and which ticket a message joins."""

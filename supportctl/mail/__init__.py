"""Mail as plain data: what a message says, who or what wrote it, and how to answer it."""

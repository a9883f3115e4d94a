"""Benchmarks: supportctl beside the tools that a user would pick instead; README.md says how to run them."""

"""The full text: its tables, how messages enter them, and queries compiled to SQL."""

"""The full text: its tables, what enters them, and a query compiled to SQL on them."""

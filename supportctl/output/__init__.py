"""What a person or a script sees: the terminal, the formats, the tables, and the public JSON contract."""

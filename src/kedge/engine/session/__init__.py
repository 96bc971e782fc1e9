"""A running session around the shell: its clock, its loop, what is told of it. No I/O here."""

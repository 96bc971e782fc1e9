"""The report of a session: rebuilt from its journal, and from nothing else."""

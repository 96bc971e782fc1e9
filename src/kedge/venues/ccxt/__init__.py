"""Real exchanges, through the client library ccxt: translation and nothing else."""

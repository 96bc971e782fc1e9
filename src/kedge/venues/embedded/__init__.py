"""The venue inside a session's own process: a simulated exchange that outlives the process.

What it was set up from, every request before it takes effect, and now and then its whole
state lie in a folder of its own. A session that is killed finds there what the exchange
knows, whatever the session itself remembers.
"""

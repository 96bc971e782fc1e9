"""A venue that is a model: matching, account, latency and faults on a virtual clock.

Everything here is deterministic: time is passed in, randomness comes from generators
that carry their seed, and two runs of the same calls give the same bytes.
"""

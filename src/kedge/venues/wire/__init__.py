"""A server that speaks Binance's spot protocol over a simulated venue.

Clients of the real exchange trade on it unchanged once their addresses point here. What
it knows is the simulated venue's (`kedge.venues.simulated`); what stands here is wire:
texts, codes, signatures, limits, sockets, and the ways in which all of that goes wrong.
"""

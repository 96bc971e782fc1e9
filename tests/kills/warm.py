"""Loaded once by the process that sessions are forked from: modules, and the compiled step."""

import ccxt.pro  # noqa: F401

import kills.session  # noqa: F401
from kedge.testing.simulation.campaign import run_world

run_world(0)

"""The engine that trades: events in, records out, one door (`kedge.engine.trading.engine`)."""

"""What a session that trades costs: events, orders, durability, feeds, memory."""

"""Records events in the outbox, relays them to subscribers and sends outgoing webhooks."""

"""Gives every REST endpoint its keys, idempotency, problem details, rate limits and schema."""

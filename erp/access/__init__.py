"""Knows who acts (people, API keys, background jobs) and what they may do: roles, channels, sign-in."""

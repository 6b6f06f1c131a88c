"""Tries rules and offers on past orders before they act, and replays past decisions."""

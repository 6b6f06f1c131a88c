"""Hands each incoming message to its reader, and lets people inspect and replay it."""

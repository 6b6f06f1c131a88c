"""Counting what is there, blind, and posting what differs."""

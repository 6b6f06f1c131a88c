"""Gives every reader of foreign bytes files that were changed at random: read or refused, never a fault."""

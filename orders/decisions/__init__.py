"""Pure judgements: facts in, a decision with its reasons out. No Django, no clock, no settings."""

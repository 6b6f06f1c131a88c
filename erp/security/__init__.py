"""Records what touches sign-in, rights, secrets and the safety of the data: append-only, without personal data."""

"""The contract from outside: what programs may rely on, driven over HTTP alone."""

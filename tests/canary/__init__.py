"""One person whose every word is like nobody else's, looked for in all that the product shows."""

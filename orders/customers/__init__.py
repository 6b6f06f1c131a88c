"""Who buys: how they are recognised and reached, what is hidden of them, and their terms."""

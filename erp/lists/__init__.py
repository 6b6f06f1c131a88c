"""The list engine: what a list is, what it can be narrowed by, and what people keep of it."""

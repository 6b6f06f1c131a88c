"""May the order go on: rules, their conditions, the rule book."""

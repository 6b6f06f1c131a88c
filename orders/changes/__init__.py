"""Changes placed orders: edits, change sets, merge, split, undo, follow-up actions of rules."""

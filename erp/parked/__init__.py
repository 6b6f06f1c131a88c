"""Shows work that was given up after all its tries, of every queue, and has it done again."""

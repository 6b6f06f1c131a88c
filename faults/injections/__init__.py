"""The faults that a run injects: what each does, how long it lasts, and how the world is put right after it."""

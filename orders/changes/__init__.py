"""Orders that change: edits, change sets, merging, splitting, undoing, what rules carry out."""

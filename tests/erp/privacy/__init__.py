"""Personal data: declared, kept no longer than needed, exported, erased."""

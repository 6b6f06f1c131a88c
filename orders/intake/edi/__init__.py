"""Purchase orders of partners (X12, EDIFACT, UBL), and our answers."""

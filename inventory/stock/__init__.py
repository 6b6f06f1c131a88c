"""What we have and where: places, the ledger of movements, levels, reservations, lots, serials."""

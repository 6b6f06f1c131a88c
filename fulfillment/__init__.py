"""Ships goods: plans the work, picks, packs, ships and tracks parcels."""

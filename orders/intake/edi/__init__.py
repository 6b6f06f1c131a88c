"""Reads customers' purchase orders in X12, EDIFACT and UBL, and acknowledges them."""

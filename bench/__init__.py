"""Measures speed and proves results: `make bench`, or `make bench NAME=placing` for one."""

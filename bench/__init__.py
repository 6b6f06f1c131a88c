"""The benchmarks: `make bench`, or `make bench NAME=placing` for one."""

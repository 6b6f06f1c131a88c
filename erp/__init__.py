"""Holds what every app shares: settings, wiring, transactions, events, access, jobs and the dashboard's shell."""

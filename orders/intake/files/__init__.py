"""Imports order files and carriers' remittances, whatever their columns."""

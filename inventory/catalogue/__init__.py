"""Describes what is traded: SKUs, barcodes, bundles and stock policies."""

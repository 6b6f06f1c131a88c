"""What we trade in: SKUs, barcodes, bundles, stock policies."""

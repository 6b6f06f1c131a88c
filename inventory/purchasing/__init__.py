"""What we buy: suppliers, terms, purchase orders, receipts, landed cost."""

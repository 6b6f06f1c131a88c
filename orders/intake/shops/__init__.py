"""Connects Shopify and WooCommerce: reads webhooks, compares totals, reports status back."""

"""Shopify and WooCommerce: reading them, counting against them, telling them."""

"""Shows the pages of SKUs and stock, with lists, sheets, alerts and the nightly round."""

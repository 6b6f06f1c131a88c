"""The pages of SKUs and stock, their lists, sheets and alerts, and the nightly round."""

"""Decides how our order follows its channel's."""

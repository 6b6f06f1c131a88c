"""Composes and sends notifications to customers by e-mail and text message."""

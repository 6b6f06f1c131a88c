"""Receives orders from shops, trading partners, mailboxes and files."""

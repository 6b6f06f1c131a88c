"""Orders that arrive: from shops, partners, mailboxes and files."""

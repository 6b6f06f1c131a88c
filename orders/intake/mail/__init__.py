"""Fetches mailboxes and turns e-mails into order drafts."""

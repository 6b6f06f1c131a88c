"""Names every hostile file on one page."""

from faults.hostile import archives, documents, mails, pictures, tables

FILES = (*tables.FILES, *archives.FILES, *mails.FILES, *documents.FILES, *pictures.FILES)
BY_TITLE = {file.title: file for file in FILES}

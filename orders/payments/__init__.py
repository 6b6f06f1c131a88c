"""Money in and out: tenders, authorisations, payment providers."""

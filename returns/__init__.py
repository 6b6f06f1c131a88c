"""Takes goods back and pays money back."""

"""Attacks from outside: everything that can be sent, filled with what nobody sends in good faith."""

"""Asks for a second person above a limit: who proposes money, goods or terms does not approve them (four eyes)."""

"""Whole numbers that forms and addresses give as text, as nobody can be kept from giving anything else."""

KEY_DIGITS = 18
"""As many as always fit into a key of the database."""


def read_number(text: str, *, digits: int = 9) -> int | None:
    """The number that at most so many digits tell, 9 of which fit into 32 bits; None for whatever else the text is."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else None

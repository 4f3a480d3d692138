"""What can be wrong with a file that should hold a network."""


class UnusableNetwork(Exception):
    """The file holds another network or is damaged; the message says what to do."""

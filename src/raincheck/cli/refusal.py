"""The one way a command says no."""


class CommandRefused(Exception):
    """The command cannot do its work; the message is a whole sentence for the operator."""

"""The one exception that is written for people."""


class GanMriError(ValueError):
    """Something that the person at the keyboard can put right.

    The message is one paragraph: it names the file or the argument, says what
    was expected and what was received. The commands print it and leave with
    exit status 2; from Python it is an ordinary `ValueError`.

    Attributes
    ----------
    status : int
        Exit status of a command that ends with it.
    """

    status = 2

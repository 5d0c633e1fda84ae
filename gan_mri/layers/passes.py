"""Several passes through the same layers, of which only the first changes anything."""

import contextlib
import threading

# Of each thread: how the innermost pass takes a value. Replicas are traced in threads.
_thread = threading.local()


class Passes:
    """The passes of one call of a block that is computed again in the backward pass.

    What layers take from a state that moves (a random stream, the vectors of a
    power iteration) they take by `taken_once`: the first pass takes and notes
    it, every later one is given what was noted. The state moves once, and all
    passes compute the same.

    Examples
    --------
    >>> passes, numbers = Passes(), iter(range(10))
    >>> for _ in range(2):
    ...     with passes.another():
    ...         print(taken_once(lambda: next(numbers)))
    0
    0
    """

    def __init__(self):
        self._taken, self._first = [], True

    @contextlib.contextmanager
    def another(self):
        """One pass, within the `with` block."""
        outer = getattr(_thread, "take", None)
        noted = iter(self._taken)

        def take(make):
            if not self._first:
                return next(noted)
            # A block within a block: what the outer one has noted counts here, too.
            self._taken.append(make() if outer is None else outer(make))
            return self._taken[-1]

        _thread.take = take
        try:
            yield
        finally:
            _thread.take = outer
        self._first = False


def taken_once(make):
    """`make()`, or, in a repeated pass, what it gave in the first one.

    Parameters
    ----------
    make : callable
        Without arguments; gives a tensor or a tuple of tensors. Layers must
        take their values in the same order in each pass.
    """
    take = getattr(_thread, "take", None)
    return make() if take is None else take(make)

"""Signals that ask a training to stop: noted while a step is done, obeyed at once elsewhere."""

import contextlib
import signal

#: Exit status of a training that was told to stop, is saved and can go on: EX_TEMPFAIL, "try
#: again", of BSD's sysexits.h. Ctrl-C keeps the shell's own 130.
RESUME_STATUS = 75

# Windows has no SIGUSR1.
_NAMES = ("SIGINT", "SIGTERM", "SIGUSR1")
_SIGNALS = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]


class Interrupted(KeyboardInterrupt):
    """A run was told to stop, and its state is saved; says how to resume.

    Attributes
    ----------
    status : int
        Exit status of the command: 130 after Ctrl-C, else `RESUME_STATUS`.
    """

    def __init__(self, message, asked=signal.SIGINT):
        super().__init__(message)
        self.status = 130 if asked == signal.SIGINT else RESUME_STATUS


class StopNow(KeyboardInterrupt):
    """Raised by a signal where nothing has to be finished first."""


class StopSignals:
    """Takes Ctrl-C, SIGTERM and SIGUSR1 while it is entered.

    A signal raises `StopNow`; inside `noted()` it is only noted, in `asked`. A second Ctrl-C does
    what it did before this was entered: usually it interrupts without saving.

    Attributes
    ----------
    asked : signal.Signals or None
        The first signal that came.
    """

    def __init__(self):
        self.asked = None
        self._at_once = True
        self._before = {}

    def __enter__(self):
        for number in _SIGNALS:
            try:
                self._before[number] = signal.signal(number, self._note)
            except ValueError:  # not the main thread: signals do not come here
                break
        return self

    def __exit__(self, *exception):
        for number, before in self._before.items():
            signal.signal(number, before)
        self._before = {}

    def noted(self):
        """A context in which signals wait until somebody looks at `asked`."""
        return self._acting(at_once=False)

    def obeyed(self, at_once=True):
        """A context inside `noted()` in which signals raise `StopNow` again.

        Parameters
        ----------
        at_once : bool
            False: they are noted here as well.
        """
        return self._acting(at_once=at_once)

    @contextlib.contextmanager
    def _acting(self, at_once):
        before, self._at_once = self._at_once, at_once
        try:
            if at_once and self.asked:
                raise StopNow
            yield
        finally:
            self._at_once = before

    def _note(self, number, frame):
        self.asked = self.asked or signal.Signals(number)
        if number == signal.SIGINT:
            signal.signal(number, self._before[number])
        if self._at_once:
            raise StopNow


def by_signal(asked):
    """For messages: which signal asked, " (SIGTERM)"; nothing for Ctrl-C."""
    return "" if asked in (None, signal.SIGINT) else f" ({signal.Signals(asked).name})"

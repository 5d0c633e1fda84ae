"""What the commands `python -m gan_mri.<name>` share."""

import os
import sys
import types

from gan_mri.errors import GanMriError
from gan_mri.quiet_start import quiet_start


class _CallableModule(types.ModuleType):
    def __call__(self, *args, **kwargs):
        return getattr(self, self.__name__.rpartition(".")[2])(*args, **kwargs)


def make_callable(module_name):
    """Let `gan_mri.train(...)` mean `gan_mri.train.train(...)`.

    A command is a module (`python -m gan_mri.train`) and a function of the
    same name (`gan_mri.train(...)` from Python). Python binds the submodule
    over a function of that name as soon as anybody imports it; a module that
    can be called is the same thing in every order of imports.

    Parameters
    ----------
    module_name : str
        `__name__` of the command's module, which holds a function named like
        the module itself.
    """
    sys.modules[module_name].__class__ = _CallableModule


def run_command(main, arguments=None):
    """Run `main(arguments)`; exit with status 2 and one paragraph on a `GanMriError`.

    Parameters
    ----------
    main : callable
        Takes the list of command-line arguments.
    arguments : list of str, optional
        Default: `sys.argv[1:]`.

    Raises
    ------
    SystemExit
        Status 2 for an error of use, 130 for Ctrl-C, 75 for a training that another signal
        stopped or that lost a worker, and that can go on; 141 where nobody reads what is printed.
    """
    quiet_start()
    try:
        main(sys.argv[1:] if arguments is None else arguments)
    except GanMriError as error:
        print(f"error: {error}", file=sys.stderr)
        raise SystemExit(error.status) from None
    except KeyboardInterrupt as error:
        print(str(error) or "interrupted", file=sys.stderr)
        raise SystemExit(getattr(error, "status", 130)) from None
    except BrokenPipeError:
        # `... | head`: nobody reads any more. What is still to be flushed has to go somewhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(128 + 13) from None  # as a program that SIGPIPE ends

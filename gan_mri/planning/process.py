"""A module run in a process of its own, whose memory is measured."""

import json
import subprocess
import sys

from gan_mri.errors import GanMriError


def run_apart(module, request, *, what):
    """Run `python -m MODULE`, which takes and gives JSON.

    Parameters
    ----------
    module : str
        Reads the request from standard input and writes its answer to the last line of standard
        output.
    request : dict
        JSON-able; paths become text.
    what : str
        What is done there, for messages: "a training".

    Returns
    -------
    dict

    Raises
    ------
    GanMriError
        With the process's own words, or for lack of memory: a process that the system ends
        without a word has taken more than there is.
    """
    done = subprocess.run(
        [sys.executable, "-m", module],
        input=json.dumps(request, default=str),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 0:
        return json.loads(done.stdout.splitlines()[-1])
    if done.returncode < 0:
        raise GanMriError(
            f"memory: expected that {what} could be tried out. Received: the process that tried it "
            f"was ended by signal {-done.returncode}, most likely for lack of memory."
        )
    lines = done.stderr.splitlines()
    said = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")]
    raise GanMriError(said[-1] if said else f"{what} could not be tried out: {lines[-1:]}")

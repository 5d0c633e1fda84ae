"""Checkpoints of everything that training changes, written whole or not at all."""

import os
import shutil
import tempfile
from pathlib import Path

import tensorflow as tf

from gan_mri.backend import tf_variables
from gan_mri.errors import GanMriError
from gan_mri.files import read_json, replacing_folder, write_json

_INDEX = "index.json"

# What TensorFlow raises on a checkpoint of another structure (the first two),
# on a file that is cut short (IndexError), missing or damaged.
_UNFIT = (AssertionError, ValueError, IndexError, tf.errors.OpError)


class Checkpoints:
    """The folder `checkpoints/` of a run: the last state, and the best.

    A checkpoint is a folder `step-00001200` with TensorFlow's own checkpoint
    of every variable and `state.json` (position in the data, sums of the
    epoch). `index.json` says which one is the last and which the best; it is
    replaced in one rename after the folder is complete, so a crash at any
    moment leaves the previous checkpoint valid. Folders that the index does
    not name are removed.

    Holds plain variables in a fixed order, so that a run continues on the
    other Keras generation too.

    Parameters
    ----------
    folder : str or Path
        The run's `checkpoints` folder.
    model : gan_mri.models.translation.Translation
    writes : bool
        False on the workers that are not the chief: they take part in reading
        the variables but keep nothing.
    """

    def __init__(self, folder, model, *, writes=True):
        self.folder = Path(folder)
        self._writes = writes
        self._checkpoint = tf.train.Checkpoint(
            **{
                name: part if isinstance(part, (tf.Module, tf.Variable)) else _Variables(part)
                for name, part in model.state().items()
            }
        )

    def index(self):
        """{"last": name, "best": name}, empty where nothing is saved."""
        path = self.folder / _INDEX
        return read_json(path) if path.exists() else {}

    def save(self, state, *, best=False):
        """Write a checkpoint, make it the last one, and the best if it is.

        Parameters
        ----------
        state : dict
            JSON-able; holds "step".
        best : bool
        """
        if not self._writes:
            # Elsewhere: in the run's folder the chief would clear it away.
            with tempfile.TemporaryDirectory() as elsewhere:
                self._checkpoint.write(os.path.join(elsewhere, "variables"))
            return
        name = f"step-{state['step']:08d}"
        # One of this name may have been left by a crash before the index named it.
        with replacing_folder(self.folder / name, also=(tf.errors.OpError,)) as unfinished:
            self._checkpoint.write(str(unfinished / "variables"))
            write_json(unfinished / "state.json", state)
        index = self.index() | {"last": name}
        if best:
            index["best"] = name
        write_json(self.folder / _INDEX, index)
        for other in self.folder.iterdir():
            if other.is_dir() and other.name not in index.values():
                shutil.rmtree(other)

    def restore(self, which="last"):
        """Put every variable back, and return the state that was saved with them.

        Parameters
        ----------
        which : {"last", "best"}

        Returns
        -------
        dict

        Raises
        ------
        GanMriError
            If there is no checkpoint, or it is not one of this model.
        """
        name = self.index().get(which)
        if name is None:
            raise GanMriError(
                f"{self.folder} holds no {which} checkpoint. Was the run stopped before "
                "its first epoch was complete?"
            )
        prefix = self.folder / name / "variables"
        try:
            status = self._checkpoint.read(str(prefix))
            status.assert_consumed()
        except _UNFIT as error:
            raise GanMriError(
                f"{prefix.parent} does not fit this model: it is damaged, or a "
                "checkpoint of another recipe or other settings. TensorFlow says: "
                f"{str(error).splitlines()[0]}"
            ) from error
        return read_json(prefix.parent / "state.json")


class _Variables(tf.Module):
    """A network's variables as a list, whatever Keras calls them."""

    def __init__(self, network):
        super().__init__()
        self.tensors = tf_variables(network.variables)

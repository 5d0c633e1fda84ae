"""Checkpoints of everything that training changes, written whole or not at all."""

import os
import shutil
import tempfile
from pathlib import Path

import tensorflow as tf

from gan_mri.backend import tf_variables
from gan_mri.errors import GanMriError
from gan_mri.files import read_json, replacing_folder, write_json
from gan_mri.schemas.kinds import by_name, check, fields, list_of, maybe, name, number, whole
from gan_mri.training.replica_pools import ReplicaPools

_INDEX = "index.json"
_INDEX_KIND = fields({}, {"last": name, "best": name, "kept": list_of(name)}, others=False)
_STATE_KIND = fields(
    {"step": whole(), "sums": by_name(number())},
    {"steps_per_second": maybe(number(above=0)), "replicas": whole(2)},
)

# What TensorFlow raises on a checkpoint of another structure (the first two),
# on a file that is cut short (IndexError), missing or damaged.
_UNFIT = (AssertionError, ValueError, IndexError, tf.errors.OpError)


class Checkpoints:
    """The folder `checkpoints/` of a run: the last states, and the best.

    A checkpoint is a folder `step-00001200` with TensorFlow's own checkpoint
    of every variable and `state.json` (position in the data, sums of the
    epoch). `index.json` says which one is the last and which the best; it is
    replaced in one rename after the folder is complete, so a crash at any
    moment leaves the previous checkpoint valid. Folders that the index does
    not name are removed; with `keep` above 1 it names the older ones, too.
    Where there are several replicas, `pools` holds the image pools of all.

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
    strategy : tf.distribute.Strategy, optional
        Under which the model was built.
    keep : int
        Last states to keep, from 1.
    """

    def __init__(self, folder, model, *, writes=True, strategy=None, keep=1):
        self.folder = Path(folder)
        self._writes, self._keep = writes, keep
        self._pools = ReplicaPools(model, strategy or tf.distribute.get_strategy())
        self._checkpoint = tf.train.Checkpoint(
            **{
                name: part if isinstance(part, (tf.Module, tf.Variable)) else _Variables(part)
                for name, part in model.state().items()
            }
        )

    def index(self):
        """{"last": name, "best": name, "kept": names}, empty where nothing is saved.

        "kept" are older ones, the newest first; it is there only where older ones are kept.
        """
        path = self.folder / _INDEX
        if not path.exists():
            return {}
        content = read_json(path)
        check(content, _INDEX_KIND, path, "the index of checkpoints that gan_mri.train saved")
        return content

    def save(self, state, *, best=False):
        """Write a checkpoint, make it the last one, and the best if it is.

        Parameters
        ----------
        state : dict
            "step", "sums" and perhaps "steps_per_second", see `gan_mri.training.trainer`.
        best : bool
        """
        pools = self._pools.gathered()
        if not self._writes:
            # Elsewhere: in the run's folder the chief would clear it away.
            with tempfile.TemporaryDirectory() as elsewhere:
                self._checkpoint.write(os.path.join(elsewhere, "variables"))
            return
        saved = f"step-{state['step']:08d}"
        # One of this name may have been left by a crash before the index named it.
        with replacing_folder(self.folder / saved, also=(tf.errors.OpError,)) as unfinished:
            self._checkpoint.write(str(unfinished / "variables"))
            if pools:
                pools.write(str(unfinished / "pools"))
                state = state | {"replicas": self._pools.replicas}
            write_json(unfinished / "state.json", state)
        index = self.index()
        older = [index["last"], *index.get("kept", [])] if index else []
        older = [one for one in older if one != saved][: self._keep - 1]
        index = index | {"last": saved, "kept": older}
        if not older:
            del index["kept"]
        if best:
            index["best"] = saved
        write_json(self.folder / _INDEX, index)
        named = {saved, index.get("best"), *older}
        for other in self.folder.iterdir():
            if other.is_dir() and other.name not in named:
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
        saved = self.index().get(which)
        if saved is None:
            raise GanMriError(
                f"{self.folder} holds no {which} checkpoint. Was the run stopped before "
                "its first epoch was complete?"
            )
        prefix = self.folder / saved / "variables"
        try:
            status = self._checkpoint.read(str(prefix))
            status.assert_consumed()
        except _UNFIT as error:
            raise GanMriError(
                f"{prefix.parent} does not fit this model: it is damaged, or a "
                "checkpoint of another recipe or other settings. TensorFlow says: "
                f"{str(error).splitlines()[0]}"
            ) from error
        path = prefix.parent / "state.json"
        state = read_json(path)
        check(state, _STATE_KIND, path, "the state of a run that gan_mri.train saved")
        if state.pop("replicas", None) == self._pools.replicas:
            self._pools.restore(str(prefix.parent / "pools"))
        return state


class _Variables(tf.Module):
    """A network's variables as a list, whatever Keras calls them."""

    def __init__(self, network):
        super().__init__()
        self.tensors = tf_variables(network.variables)

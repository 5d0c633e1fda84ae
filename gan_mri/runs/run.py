"""A run folder: what a training run leaves behind, and how to open it."""

import functools
import logging
import os
import platform
from pathlib import Path

from gan_mri.arguments import required
from gan_mri.data.images.view import View
from gan_mri.errors import GanMriError
from gan_mri.files import read_json
from gan_mri.runs.config_schema import config as config_kind
from gan_mri.runs.held_out_file import read_held_out
from gan_mri.runs.history import History
from gan_mri.schemas.kinds import check, fields, maybe, shown, whole
from gan_mri.tasks import TWO_DOMAINS, Task, Term

_log = logging.getLogger("gan_mri")

#: Version of the layout of a run folder.
FORMAT = 2
#: Those that can be opened.
_KNOWN_FORMATS = (1, FORMAT)

_WHAT = "the config.json of gan_mri.train"


class Run:
    """A run folder.

    | path                     | what                                          |
    |--------------------------|-----------------------------------------------|
    | `config.json`            | recipe, arguments, versions, scaling, subjects |
    | `history.csv`            | losses and held-out metrics, one row an epoch |
    | `held_out.json`          | metrics before and after training             |
    | `samples/`, `curves.png` | pictures                                      |
    | `tensorboard/`           | the same for TensorBoard                      |
    | `checkpoints/`           | everything that training changes              |
    | `export/<direction>`     | SavedModels, such as A2B and B2A              |
    | `weights/*.weights.h5`   | the networks' weights                         |

    Parameters
    ----------
    folder : str or Path

    Attributes
    ----------
    config : dict
        Of `config.json`.
    task : gan_mri.tasks.Task
    view : gan_mri.data.images.view.View

    Raises
    ------
    GanMriError
        If it is no run folder.
    """

    def __init__(self, folder):
        required(run=folder)
        self.folder = Path(folder)
        path = self.folder / "config.json"
        # os.path: a name that is too long does not exist, rather than being an error.
        if not os.path.isfile(path):
            what = (
                "a folder without it"
                if os.path.isdir(self.folder)
                else "a file"
                if os.path.exists(self.folder)
                else "no such folder"
            )
            raise GanMriError(
                f"{folder}: expected a run folder of gan_mri.train, with a config.json. "
                f"Received: {what}."
            )
        self.config = read_json(path)
        if self.config.get("format") not in _KNOWN_FORMATS:
            raise GanMriError(
                f"{path}: expected a run of format {FORMAT}. "
                f"Received: format {shown(self.config.get('format'))}."
            )
        check(self.config, config_kind, path, _WHAT)
        try:
            self.task = _task_of(self.config)
            self.view = _view_of(self.config)
        except GanMriError as error:  # of what is no matter of structure
            raise GanMriError(f"{path}: expected {_WHAT}. Received another: {error}") from error

    @property
    def contrasts(self):
        """Domain to contrast."""
        return dict(zip(self.task.domains, self.config["data"]["contrasts"]))

    @property
    def terms(self):
        """What each loss of the history is, by the name of its column; of old runs nothing."""
        return {name: Term(**term) for name, term in self.config.get("terms", {}).items()}

    def translator(self, direction=None):
        """The exported model of a direction.

        Parameters
        ----------
        direction : str, optional
            Default: the first of the task, "A2B" where there are two domains.

        Returns
        -------
        gan_mri.inference.translator.Translator
            Callable on `(N, *spatial, C)` in [-1, 1].
        """
        from gan_mri.inference.translator import Translator  # TensorFlow

        return Translator(self.exported(self.task.direction(direction).name))

    def exported(self, direction):
        """The folder of an exported model, which only a finished run has.

        Where the run was to go on since it was exported, and did not get to its end, a warning
        says so.

        Returns
        -------
        Path

        Raises
        ------
        GanMriError
            If the run is not finished.
        """
        path = self.check_exported(direction)
        card = path / "assets.extra" / "gan_mri.json"
        exported = _step_of(card) if card.is_file() else None
        planned = self._planned_steps()
        if planned is not None and (exported or 0) < planned:
            _log.warning(
                "%s is of %s, but the run was to go on to step %d and has not been exported since. "
                "What follows is of the older step. Continue with: "
                "python -m gan_mri.train --resume --out %s",
                path,
                "an unknown step" if exported is None else f"step {exported}",
                planned,
                self.folder,
            )
        return path

    def check_exported(self, direction):
        """`exported`, of whatever step."""
        path = self.folder / "export" / direction
        if not path.is_dir():
            raise GanMriError(
                f"{self.folder}: expected a finished run with {path}. It has none; "
                f"continue it with: python -m gan_mri.train --resume --out {self.folder}"
            )
        return path

    def _planned_steps(self):
        """How many steps the whole run has; None of a run that no present version went on with."""
        steps = self.config.get("steps_per_epoch")
        return steps and steps * self.config["settings"]["epochs"]

    def load_data(self, source=None):
        """The data that the run was trained and tested on, or other data like them.

        The split is the recorded one and the intensity scaling is the run's
        own, as fitted on its training data.

        Parameters
        ----------
        source : str or Path, optional
            Other data with the same contrasts. Their `test` is their own test
            part (a GAN-MRI folder with testA and testB, a prepared file with a
            split), else all of them. Data that hold every subject of the run
            are taken for the run's own, moved: then its recorded test subjects
            are the test part. Default: the recorded source.

        Returns
        -------
        gan_mri.data.TranslationData

        Raises
        ------
        GanMriError
            As `gan_mri.data.load`, or if the recorded source holds other
            subjects than the run was trained on.
        """
        from gan_mri.data.sources.built_in import source_name
        from gan_mri.runs.data import load_other_data, load_own_data

        recorded = self.config["data"]["source"]
        if source is None or source_name(source) == recorded:
            return load_own_data(self, recorded)
        return load_other_data(self, source)

    def network(self, name):
        """A network with its trained weights, such as "G_A2B".

        Returns
        -------
        keras.Model
        """
        from gan_mri.weights import load_fitting as load_weights  # TensorFlow

        networks = self._model.networks
        if name not in networks:
            raise GanMriError(
                f"{self.folder} has no network {name!r}. It has: {', '.join(networks)}."
            )
        path = self.folder / "weights" / f"{name}.weights.h5"
        if not path.is_file():
            raise GanMriError(f"{path}: expected the weights of a finished run, found none.")
        load_weights(networks[name], path)
        return networks[name]

    @functools.cached_property
    def _model(self):
        from gan_mri.recipes import build

        config = self.config
        shape = (*config["geometry"]["size"], config["data"]["channels"])
        contrasts = tuple(config["data"]["contrasts"])
        return build(config["recipe"], shape, contrasts=contrasts, **config["settings"])

    @property
    def history(self):
        """Rows of `history.csv`, one dict an epoch."""
        return History(self.folder).rows

    @property
    def held_out(self):
        """`held_out.json`: metrics of held-out images before and after training."""
        return read_held_out(self.folder / "held_out.json")


def _step_of(card):
    """The step that an exported model is of; None of a first version."""
    content = read_json(card)
    check(content, fields({}, {"step": maybe(whole())}), card, "the card of an exported model")
    return content.get("step")


def _task_of(config):
    if "task" in config:
        return Task.from_config(config["task"])
    # Of the first format.
    return Task.between("A", "B", paired=True) if config["data"]["paired"] else TWO_DOMAINS


def _view_of(config):
    if "view" in config:
        return View.from_config(config["view"])
    cut = {"plane": config["data"]["plane"], "spacing": None, "geometry": config["geometry"]}
    return View.from_config(cut)


def load_run(path):
    """Open a run folder.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    Run

    Raises
    ------
    GanMriError
        If it is no run folder.

    Examples
    --------
    >>> run = load_run("runs/t1-t2")  # doctest: +SKIP
    >>> run.translator("A2B")(images)  # doctest: +SKIP
    """
    return Run(path)


def versions():
    """Versions of everything that a result may depend on, by name."""
    import keras
    import nibabel
    import numpy
    import tensorflow

    import gan_mri

    return {
        "gan_mri": gan_mri.__version__,
        "python": platform.python_version(),
        "tensorflow": tensorflow.__version__,
        "keras": keras.__version__,
        "numpy": numpy.__version__,
        "nibabel": nibabel.__version__,
    }

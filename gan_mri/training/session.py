"""One training run, from its arguments to its run folder."""

import dataclasses
import shlex
from pathlib import Path

from gan_mri import recipes
from gan_mri.backend import precision
from gan_mri.data import load
from gan_mri.data.images.geometry import Geometry, check_fit, common_size
from gan_mri.data.sources.built_in import BUILT_IN, source_name
from gan_mri.errors import GanMriError
from gan_mri.files import replacing, write_json
from gan_mri.inference.export import export_translator
from gan_mri.models.translation import takes_reference
from gan_mri.runs.held_out_file import read_held_out
from gan_mri.runs.run import FORMAT, versions
from gan_mri.training.checkpoints import Checkpoints
from gan_mri.training.devices import choose_precision, choose_strategy, is_chief
from gan_mri.training.held_out import (
    CONVENTION,
    HeldOut,
    copy_input,
    held_out_table,
    translator,
)
from gan_mri.training.monitor import Monitor, held_out_split
from gan_mri.training.trainer import Trainer

# Slices behind the table at the end of a run.
_MOST_IN_TABLE = 200


def recipe_of(arguments):
    """The recipe with all its settings that a run with these arguments trains.

    Parameters
    ----------
    arguments : dict
        Every key of `gan_mri.train.DEFAULTS`.

    Returns
    -------
    gan_mri.recipes.recipe.Recipe
    """
    settings = arguments["settings"]
    if arguments["data"] in BUILT_IN:
        settings = BUILT_IN[arguments["data"]].settings | settings
    return recipes.get(arguments["recipe"], **settings)


def load_data(arguments, *, paired):
    """The data that a run with these arguments trains on.

    Parameters
    ----------
    arguments : dict
        Every key of `gan_mri.train.DEFAULTS`.
    paired : bool
        Of the recipe.

    Returns
    -------
    gan_mri.data.TranslationData
    """
    scaling, drawn = arguments["scaling"], {}
    if arguments["data"] in BUILT_IN:
        subjects = BUILT_IN[arguments["data"]].training_subjects
        drawn = {"subjects": subjects, "image_size": arguments["image_size"]}
    return load(
        arguments["data"],
        contrasts=arguments["contrasts"],
        plane=arguments["plane"],
        slices=arguments["slices"],
        scaling=tuple(scaling) if isinstance(scaling, list) else scaling,
        split=arguments["split"],
        validation_subjects=arguments["validation_subjects"],
        test_subjects=arguments["test_subjects"],
        paired=paired,
        seed=arguments["seed"],
        **drawn,
    )


class Session:
    """A training run in this process.

    Parameters
    ----------
    folder : Path
        The run folder; created when data and model are known to be good.
    arguments : dict
        Every key of `gan_mri.train.DEFAULTS`.
    run : gan_mri.runs.run.Run, optional
        The run to resume.
    shows : bool
        Print and show a progress bar.

    Attributes
    ----------
    chief : bool
        Whether this process writes the run folder.
    """

    def __init__(self, folder, arguments, *, run=None, shows=True):
        self._folder, self._resumes = Path(folder), run is not None
        self._strategy = choose_strategy(arguments["strategy"])
        self.chief = is_chief(self._strategy)
        self._shows = shows and self.chief
        self._precision = choose_precision(arguments["precision"])
        self._arguments = arguments = arguments | {"data": source_name(arguments["data"])}
        self._recipe = recipe_of(arguments)
        self._data = load_data(arguments, paired=self._recipe.needs_pairs)
        self._geometry = self._choose_geometry()
        if run is not None:
            _same_subjects(run, self._data)
        self._model = self._build()
        # One for the whole run: it is traced once for each size of images.
        self._translate = translator(self._model)

    def run(self):
        """Train, measure before and after, export; print where everything is."""
        checkpoints = Checkpoints(self._folder / "checkpoints", self._model, writes=self.chief)
        state = {"step": 0, "sums": {}}
        if self._resumes and checkpoints.index():
            state = checkpoints.restore()
        monitor = None
        if self.chief:
            self._write_config()
            monitor = self._monitor()
            if not (self._folder / "held_out.json").exists():
                self._measure("untrained")
        trainer = Trainer(
            self._model,
            strategy=self._strategy,
            data=self._data,
            geometry=self._geometry,
            checkpoints=checkpoints,
            epochs=self._recipe.epochs,
            decay_epoch=self._recipe.decay_epoch,
            batch_size=self._recipe.batch_size,
            steps_per_epoch=self._arguments["steps_per_epoch"],
            seed=self._arguments["seed"],
            after_epoch=monitor.after_epoch if monitor else lambda epoch, row: False,
            resume_command=(
                f"python -m gan_mri.train --resume --out {shlex.quote(str(self._folder))}"
            ),
            shows_progress=self._shows,
        )
        if monitor:
            monitor.history.truncate(state["step"] // trainer.steps_per_epoch)
        trainer.run(state)
        if self.chief:
            monitor.close()
            self._export()
            measured = self._measure("trained")
            if self._shows:
                self._report(measured)

    def _choose_geometry(self):
        size, fit = self._arguments["image_size"], check_fit(self._arguments["fit"])
        if size is None or self._arguments["data"] in BUILT_IN:
            # Nothing is larger than this size, so nothing is cut or resampled,
            # neither here nor in images of other sizes that are translated.
            train = self._data.train
            size, fit = (
                common_size(
                    domain.shape(index)
                    for domain in (train.A, train.B)
                    for index in range(len(domain))
                ),
                "crop",
            )
        return Geometry(tuple(size), fit)

    def _build(self):
        with self._strategy.scope():
            return recipes.build(
                self._arguments["recipe"],
                (*self._geometry.size, self._data.channels),
                dtype=self._precision,
                seed=self._arguments["seed"],
                **dataclasses.asdict(self._recipe),
            )

    def _monitor(self):
        every = self._arguments["evaluate_every"] or max(1, self._recipe.epochs // 10)
        return Monitor(
            self._folder,
            self._translate,
            self._data,
            self._geometry,
            evaluate_every=every,
            epochs=self._recipe.epochs,
        )

    def _write_config(self):
        config = {
            "format": FORMAT,
            "recipe": self._arguments["recipe"],
            "settings": dataclasses.asdict(self._recipe),
            "arguments": self._arguments,
            "data": self._data.describe(),
            "geometry": self._geometry.to_config(),
            "precision": self._precision,
            "replicas": self._strategy.num_replicas_in_sync,
            "seed": self._arguments["seed"],
            "versions": versions(),
        }
        write_json(self._folder / "config.json", config)

    def _measure(self, name):
        """Measure on held-out images and add the result to `held_out.json`."""
        split = held_out_split(self._data)
        if split is None:
            return None
        held_out = HeldOut(split, self._geometry, most=_MOST_IN_TABLE)
        path = self._folder / "held_out.json"
        if path.exists():
            measured = read_held_out(path)
        else:
            convention = CONVENTION if held_out.paired else "cycle, whole slices"
            if self._translate.referring:
                convention += "; reference: the real image of the target domain in the row"
                convention += " (the truth)" if held_out.paired else ""
            measured = {
                "convention": convention,
                "slices": len(held_out),
                "subjects": split.subjects,
                "metrics": {},
            }
            if held_out.paired:
                measured["metrics"]["input itself"] = held_out.measure(copy_input)
        measured["metrics"][name] = held_out.measure(self._translate)
        write_json(path, measured)
        return measured

    def _export(self):
        """The networks' weights, and the translators as SavedModels."""
        for name, network in self._model.networks.items():
            with replacing(self._folder / "weights" / f"{name}.weights.h5") as temporary:
                network.save_weights(str(temporary))
        free = (None, None, self._data.channels)
        with precision("float32"):
            translators = self._recipe.build_translators(free)
        describe = self._data.describe()
        for direction, network in translators.items():
            network.set_weights(self._model.translators[direction].get_weights())
            source, target = direction.split("2")
            contrasts = dict(zip("AB", describe["contrasts"]))
            card = {
                "format": FORMAT,
                "recipe": self._arguments["recipe"],
                "direction": direction,
                "source": contrasts[source],
                "target": contrasts[target],
                "source_scaling": describe["scaling"][source],
                "target_scaling": describe["scaling"][target],
                "channels": self._data.channels,
                "plane": self._data.plane,
                "geometry": self._geometry.to_config(),
                "versions": versions(),
            }
            export_translator(network, self._folder / "export" / direction, card)

    def _report(self, measured):
        print()
        if measured is not None:
            print(held_out_table(measured, self._data.contrasts))
            print()
        print(f"Run folder       {self._folder}")
        print(f"Samples          {self._folder / 'samples'}")
        print(f"Curves           {self._folder / 'curves.png'}, history.csv, tensorboard/")
        print(f"SavedModels      {self._folder / 'export'}/A2B and B2A")
        # The direction that the command takes when none is given.
        referring = takes_reference(self._model.translators["A2B"])
        print(
            "Translate with   python -m gan_mri.translate "
            f"{shlex.quote(str(self._folder))} INPUT OUTPUT"
            f"{' --reference IMAGE' if referring else ''}"
        )


def _same_subjects(run, data):
    before, now = run.config["data"]["subjects"], data.describe()["subjects"]
    if before != now:
        raise GanMriError(
            f"{run.folder} was trained on other subjects than the data hold now, so it "
            f"cannot be resumed. Expected {before}. Received: {now}."
        )

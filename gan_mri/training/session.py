"""One training run, from its arguments to its run folder."""

import contextlib
import dataclasses
import shlex
from pathlib import Path

from gan_mri import recipes
from gan_mri.data.images.geometry import Geometry
from gan_mri.data.images.scaling import IntensityScaling
from gan_mri.data.images.view import View
from gan_mri.data.options import DataOptions
from gan_mri.data.sources.built_in import BUILT_IN, source_name
from gan_mri.errors import GanMriError
from gan_mri.files import replacing, write_json
from gan_mri.inference.card import make_card, ranges_of
from gan_mri.inference.export import export_translators
from gan_mri.planning.fits import check_training
from gan_mri.runs.fingerprint import check_fingerprint, fingerprint
from gan_mri.runs.lock import locked, reserve_folder
from gan_mri.runs.run import FORMAT, versions
from gan_mri.training.checkpoints import Checkpoints
from gan_mri.training.devices import (
    choose_precision,
    choose_strategy,
    is_chief,
    local_replicas,
)
from gan_mri.training.held_out import translator
from gan_mri.training.inputs import load_data, recipe_of
from gan_mri.training.monitor import Monitor
from gan_mri.training.outcome import measure_held_out, report
from gan_mri.training.sizes import choose_geometry, global_batch_size
from gan_mri.training.start_weights import load_start_weights
from gan_mri.training.stopping import Interrupted, StopNow, StopSignals, by_signal
from gan_mri.training.trainer import Trainer, awaits_measuring


class Session:
    """A training run in this process.

    Parameters
    ----------
    folder : Path
        The run folder; made when data and model are known to be good.
    arguments : dict
        Every key of `gan_mri.train.DEFAULTS`.
    run : gan_mri.runs.run.Run, optional
        The run to resume.
    numbered : bool
        The folder's name ends in a number; where it exists, the next one is taken.
    shows : bool
        Print and show a progress bar.

    Attributes
    ----------
    chief : bool
        Whether this process writes the run folder.
    folder : Path
    """

    def __init__(self, folder, arguments, *, run=None, numbered=False, shows=True):
        self.folder, self._run, self._numbered = Path(folder), run, numbered
        self._strategy = choose_strategy(arguments["strategy"])
        self.chief = is_chief(self._strategy)
        self._shows = shows and self.chief
        self._arguments = arguments = arguments | {"data": source_name(arguments["data"])}
        self._recipe = recipe_of(arguments)
        self._task = self._recipe.task(arguments["contrasts"])
        self._precision = choose_precision(arguments["precision"])
        if run is not None:
            # What the first run chose or fitted holds, whatever the machine is now.
            self._precision = run.config["precision"]
            scaling = run.config["data"]["scaling"].items()
            fitted = {domain: IntensityScaling.from_config(one) for domain, one in scaling}
            arguments = arguments | {"scaling": fitted}
        self._data = load_data(arguments, self._task)
        if run is not None:
            check_fingerprint(run, self._data)
        self._options = DataOptions.of(arguments)
        self._geometry = (
            choose_geometry(self._options, self._data, built_in=arguments["data"] in BUILT_IN)
            if run is None
            else Geometry.from_config(run.config["geometry"])
        )
        shape = (*self._geometry.size, self._data.channels)
        self._recipe = self._recipe.for_shape(shape)
        replicas = self._strategy.num_replicas_in_sync
        self._batch_size = global_batch_size(self._recipe.batch_size, replicas, run)
        self._model = self._build()
        self._started_from = self._start_weights()
        # One for the whole run: it is traced once for each size of images.
        self._translate = translator(self._model)
        self._monitor = None

    def run(self):
        """Train, measure before and after, export; print where everything is."""
        check_training(
            self._model,
            self._recipe,
            (*self._geometry.size, self._data.channels),
            batch_size=self._batch_size // self._strategy.num_replicas_in_sync,
            replicas=local_replicas(self._strategy),
            precision=self._precision,
        )
        if self.chief and self._run is None:
            self.folder = reserve_folder(self.folder, numbered=self._numbered)
        stops = StopSignals()
        with locked(self.folder) if self.chief else contextlib.nullcontext(), stops:
            try:
                self._train(stops)
                if stops.asked:
                    raise StopNow
            except StopNow:
                raise self._stopped(stops.asked) from None

    def _stopped(self, asked):
        """Where no step was under way: what was saved last holds everything."""
        if (self.folder / "config.json").exists():
            how = f"Continue with: {self._resume_command}"
        else:
            how = "Nothing was trained yet: start it again"
        return Interrupted(f"interrupted between two steps{by_signal(asked)}. {how}", asked)

    @property
    def _resume_command(self):
        return f"python -m gan_mri.train --resume --out {shlex.quote(str(self.folder))}"

    def _after_epoch(self, epoch, row):
        return self._monitor.after_epoch(epoch, row) if self._monitor else False

    def _train(self, stops):
        checkpoints = Checkpoints(
            self.folder / "checkpoints",
            self._model,
            writes=self.chief,
            strategy=self._strategy,
            keep=self._arguments["keep_checkpoints"],
        )
        state = self._restored(checkpoints)
        trainer = Trainer(
            self._model,
            strategy=self._strategy,
            data=self._data,
            geometry=self._geometry,
            augmentation=self._options.augment,
            checkpoints=checkpoints,
            checkpoint_every=self._arguments["checkpoint_every"],
            epochs=self._recipe.epochs,
            learning_rate_factor=self._recipe.learning_rate_factor,
            batch_size=self._batch_size,
            steps_per_epoch=self._arguments["steps_per_epoch"],
            seed=self._arguments["seed"],
            after_epoch=self._after_epoch,
            stops=stops,
            resume_command=self._resume_command,
            shows_progress=self._shows,
        )
        if self.chief:
            # First of all files: without it nobody could go on after a crash.
            self._write_config(trainer.steps_per_epoch)
            self._monitor = self._make_monitor()
            if not (self.folder / "held_out.json").exists():
                self._measure("untrained")
            measured = state["step"] // trainer.steps_per_epoch
            if awaits_measuring(state["step"], state["sums"], trainer.steps_per_epoch):
                measured -= 1
            self._monitor.history.truncate(measured)
        step = trainer.run(state)
        if self.chief:
            self._monitor.close()
            self._export(step)
            measured = self._measure("trained")
            if self._shows:
                report(
                    self.folder,
                    measured,
                    task=self._task,
                    contrasts=self._data.contrast_of,
                    referring=self._translate.referring,
                )

    def _start_weights(self):
        """Load what `init` names; a run that goes on has it in its checkpoints already."""
        if self._run is not None and (self.folder / "checkpoints" / "index.json").exists():
            return self._run.config.get("init")
        if not self._arguments["init"]:
            return None
        with self._strategy.scope():
            return load_start_weights(self._model.networks, self._arguments["init"])

    def _restored(self, checkpoints):
        if self._run is not None and checkpoints.index():
            return checkpoints.restore()
        if self._run is not None and self._run.history:
            raise GanMriError(
                f"{self.folder}: expected the checkpoints of a run with {len(self._run.history)} "
                "epochs behind it, to continue it. Received none: the folder checkpoints is empty "
                "or missing."
            )
        return {"step": 0, "sums": {}}

    def _build(self):
        with self._strategy.scope():
            return recipes.build(
                self._arguments["recipe"],
                (*self._geometry.size, self._data.channels),
                contrasts=self._data.contrasts,
                dtype=self._precision,
                seed=self._arguments["seed"],
                freeze=self._arguments["freeze"] or (),
                **dataclasses.asdict(self._recipe),
            )

    def _make_monitor(self):
        every = self._arguments["evaluate_every"] or max(1, self._recipe.epochs // 10)
        return Monitor(
            self.folder,
            self._translate,
            self._data,
            self._geometry,
            task=self._task,
            terms=self._model.terms,
            evaluate_every=every,
            epochs=self._recipe.epochs,
        )

    def _write_config(self, steps_per_epoch):
        config = {
            "format": FORMAT,
            "recipe": self._arguments["recipe"],
            "settings": dataclasses.asdict(self._recipe),
            "arguments": self._arguments,
            "task": self._task.to_config(),
            "terms": {name: term._asdict() for name, term in self._model.terms.items()},
            "data": self._data.describe() | {"fingerprint": fingerprint(self._data)},
            "view": View.of(self._data, self._geometry).to_config(),
            "geometry": self._geometry.to_config(),
            "precision": self._precision,
            "replicas": self._strategy.num_replicas_in_sync,
            "global_batch_size": self._batch_size,
            "steps_per_epoch": steps_per_epoch,
            "seed": self._arguments["seed"],
            "init": self._started_from,
            "versions": versions(),
        }
        if self._run is not None:
            before = self._run.config
            now = {name: config[name] for name in ("replicas", "versions")}
            config |= {name: before[name] for name in ("replicas", "versions") if name in before}
            config["resumed"] = [*before.get("resumed", []), now]
        write_json(self.folder / "config.json", config)

    def _measure(self, name):
        return measure_held_out(
            self.folder,
            name,
            self._translate,
            data=self._data,
            geometry=self._geometry,
            task=self._task,
        )

    def _export(self, step):
        """The networks' weights, and the translators as SavedModels."""
        for name, network in self._model.networks.items():
            with replacing(self.folder / "weights" / f"{name}.weights.h5") as temporary:
                network.save_weights(str(temporary))
        ranges = ranges_of(self._data, self._geometry)
        cards = {
            direction.name: make_card(
                direction,
                self._data,
                self._geometry,
                optional=self._recipe.may_lack_sources,
                ranges=ranges,
                format=FORMAT,
                recipe=self._arguments["recipe"],
                settings=dataclasses.asdict(self._recipe),
                contrasts=list(self._data.contrasts),
                step=step,
                init=self._started_from,
                versions=versions(),
            )
            for direction in self._task.directions
        }
        export_translators(self._model, self._recipe, self._task, self.folder / "export", cards)

"""The training loop."""

import math
import signal
import time

import numpy as np
import tensorflow as tf
from tqdm import tqdm

from gan_mri.backend import tf_variables
from gan_mri.data.order import epoch_order, steps_of_epoch
from gan_mri.data.pipeline import batches
from gan_mri.errors import GanMriError


class Interrupted(KeyboardInterrupt):
    """Ctrl-C was pressed, and the state of the run is saved; says how to resume."""


class Trainer:
    """Runs `model.train_step` under a strategy, epoch by epoch.

    Parameters
    ----------
    model : gan_mri.models.translation.Translation
        Built under the strategy's scope.
    strategy : tf.distribute.Strategy
    data : gan_mri.data.TranslationData
    geometry : gan_mri.data.images.geometry.Geometry
    augmentation : gan_mri.data.augmentation.Augmentation or None
    checkpoints : gan_mri.training.checkpoints.Checkpoints
    epochs : int
    learning_rate_factor : callable
        `learning_rate_factor(step, steps_per_epoch)`, see `gan_mri.recipes.recipe.Recipe`.
    batch_size : int
        Over all replicas.
    steps_per_epoch : int, optional
        Default: until the larger domain has been seen once.
    seed : int
    after_epoch : callable
        `after_epoch(epoch, row)`, called with the epoch's number (from 1) and
        the means of its losses; returns whether it is the best so far.
    resume_command : str
        What to tell somebody who interrupts the run.
    shows_progress : bool
    """

    def __init__(
        self,
        model,
        *,
        strategy,
        data,
        geometry,
        augmentation=None,
        checkpoints,
        epochs,
        learning_rate_factor,
        batch_size,
        steps_per_epoch,
        seed,
        after_epoch,
        resume_command,
        shows_progress=True,
    ):
        self._model, self._strategy = model, strategy
        self._data, self._geometry = data, geometry
        self._checkpoints = checkpoints
        self._epochs, self._factor = epochs, learning_rate_factor
        self._augmentation = augmentation
        self._batch_size = batch_size
        self._paired, self._terms = model.task.paired, model.terms
        self.steps_per_epoch = steps_per_epoch or steps_of_epoch(
            data.train, batch_size=batch_size, paired=self._paired
        )
        self._seed = seed
        self._after_epoch = after_epoch
        self._resume_command = resume_command
        self._shows_progress = shows_progress
        self._names = None
        self._step_function = tf.function(self._distributed_step)

    def run(self, state):
        """Train from a state to the last epoch.

        Parameters
        ----------
        state : dict
            "step": steps done; "sums": losses added up in the unfinished
            epoch, by name. `{"step": 0, "sums": {}}` for a new run.

        Returns
        -------
        int
            Steps done: of all epochs, or those of a state that was further already.

        Raises
        ------
        GanMriError
            A loss is not finite: names the step; the last checkpoint stays.
        Interrupted
            After Ctrl-C, with the state saved.
        """
        total = self._epochs * self.steps_per_epoch
        step, sums = state["step"], dict(state["sums"])
        progress = tqdm(
            total=total,
            initial=step,
            unit="step",
            disable=not self._shows_progress,
            dynamic_ncols=True,
        )
        with _PoliteInterrupt() as interrupt, progress:
            while step < total:
                epoch, first = divmod(step, self.steps_per_epoch)
                progress.set_description(f"epoch {epoch + 1}/{self._epochs}")
                started = time.perf_counter()
                for batch in self._batches(epoch, first):
                    losses = self._step(step, batch)
                    step += 1
                    sums = {name: sums.get(name, 0.0) + value for name, value in losses.items()}
                    speed = (step - first - epoch * self.steps_per_epoch) / (
                        time.perf_counter() - started
                    )
                    progress.set_postfix_str(self._postfix(losses, speed), refresh=False)
                    progress.update()
                    if interrupt.requested and step % self.steps_per_epoch:
                        self._check_weights(step)
                        self._checkpoints.save({"step": step, "sums": sums})
                        raise self._interrupted(step)
                row = {"step": step, "learning_rate_factor": self._rate(step - 1)}
                row |= {name: value / self.steps_per_epoch for name, value in sums.items()}
                row["images_per_second"] = speed * self._batch_size
                sums = {}
                self._check_weights(step)
                best = self._after_epoch(epoch + 1, row)
                self._checkpoints.save({"step": step, "sums": sums}, best=best)
                if interrupt.requested and step < total:
                    raise self._interrupted(step)
        return step

    def _interrupted(self, step):
        return Interrupted(
            f"interrupted after step {step}, everything is saved. Continue with: "
            f"{self._resume_command}"
        )

    def _batches(self, epoch, first):
        """The batches of an epoch from its step `first`, over all replicas."""
        order = epoch_order(
            self._data.train,
            batch_size=self._batch_size,
            paired=self._paired,
            seed=self._seed,
            epoch=epoch,
        )
        # --steps-per-epoch may ask for more, or fewer, than one round.
        rounds = math.ceil(self.steps_per_epoch / len(order))
        order = np.concatenate([order] * rounds)[: self.steps_per_epoch]
        dataset = batches(
            self._data.train,
            self._geometry,
            order,
            channels=self._data.channels,
            seed=self._seed,
            epoch=epoch,
            first_step=first,
            augmentation=self._augmentation,
        )
        if self._strategy.num_replicas_in_sync == 1:
            return dataset
        # DATA: batches are cut into parts, and every worker keeps its own part.
        # (OFF would give every worker the first part.)
        options = tf.data.Options()
        options.experimental_distribute.auto_shard_policy = (
            tf.data.experimental.AutoShardPolicy.DATA
        )
        return self._strategy.experimental_distribute_dataset(dataset.with_options(options))

    def _step(self, step, batch):
        self._model.set_learning_rate(self._rate(step))
        values = self._step_function(batch).numpy().tolist()
        losses = dict(zip(self._names, values))
        for name, value in losses.items():
            if not math.isfinite(value):
                raise self._not_finite(step + 1, f"the loss {name} is {value}")
        return losses

    def _check_weights(self, step):
        """Refuse to keep weights that the last update has made useless; its loss came before."""
        for name, network in self._model.networks.items():
            for variable in tf_variables(network.variables):
                if not variable.dtype.is_floating:
                    continue
                if not bool(tf.reduce_all(tf.math.is_finite(variable))):
                    raise self._not_finite(step, f"weights of {name} are no finite numbers")

    def _not_finite(self, step, what):
        last = self._checkpoints.index().get("last")
        kept = (
            f"The last good state is {self._checkpoints.folder / last}"
            if last
            else "No epoch was complete, so there is no checkpoint"
        )
        return GanMriError(
            f"training stopped at step {step}: {what}. {kept}; a lower learning rate or "
            "--precision float32 may help."
        )

    def _distributed_step(self, batch):
        losses = self._strategy.run(self._model.train_step, (batch,))
        self._names = list(losses)
        # One vector, so that the host waits for one number and not for ten.
        means = [
            self._strategy.reduce(tf.distribute.ReduceOp.MEAN, loss, axis=None)
            for loss in losses.values()
        ]
        return tf.stack(means)

    def _rate(self, step):
        return self._factor(step, self.steps_per_epoch)

    def _postfix(self, losses, speed):
        sums = {"discriminator": [], "total": []}
        for name, value in losses.items():
            sums.get(self._terms[name].kind, []).append(value)
        parts = [f"D {sum(sums['discriminator']):.3f}"] if sums["discriminator"] else []
        parts += [f"G {sum(sums['total']):.2f}"] if sums["total"] else []
        return ", ".join([*parts, f"{speed * self._batch_size:.1f} images/s"])


class _PoliteInterrupt:
    """Notes the first Ctrl-C and lets the step finish; a second one interrupts."""

    def __enter__(self):
        self.requested = False
        try:
            self._before = signal.signal(signal.SIGINT, self._note)
        except ValueError:  # not the main thread: Ctrl-C does not come here
            self._before = None
        return self

    def __exit__(self, *exception):
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def _note(self, number, frame):
        self.requested = True
        signal.signal(signal.SIGINT, self._before)

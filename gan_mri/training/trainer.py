"""The training loop."""

import contextlib
import math
import time

import numpy as np
import tensorflow as tf
from tqdm import tqdm

from gan_mri.backend import tf_variables
from gan_mri.data.order import epoch_order, steps_of_epoch
from gan_mri.data.pipeline import batches
from gan_mri.errors import GanMriError
from gan_mri.training.distributed_step import DistributedStep
from gan_mri.training.stopping import Interrupted, StopNow, by_signal
from gan_mri.training.workers import WORKER_IS_LOST, WorkerLost, several_workers


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
    checkpoint_every : float, optional
        Minutes after which a checkpoint is saved inside an epoch too.
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
    stops : gan_mri.training.stopping.StopSignals
        Entered, so that a signal finds the state saved.
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
        checkpoint_every=None,
        epochs,
        learning_rate_factor,
        batch_size,
        steps_per_epoch,
        seed,
        after_epoch,
        stops,
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
        self._stops, self._resume_command = stops, resume_command
        self._checkpoint_seconds = None if checkpoint_every is None else 60 * checkpoint_every
        self._several_workers = several_workers(strategy)
        self._shows_progress = shows_progress
        self._steps = DistributedStep(model, strategy)

    def run(self, state):
        """Train from a state to the last epoch.

        Parameters
        ----------
        state : dict
            "step": steps done; "sums": losses added up in the unfinished
            epoch, by name; "steps_per_second": of an epoch that only awaits
            measuring. `{"step": 0, "sums": {}}` for a new run.

        Returns
        -------
        int
            Steps done: of all epochs, or those of a state that was further already.

        Raises
        ------
        GanMriError
            A loss is not finite: names the step; the last checkpoint stays.
        Interrupted
            After a signal, with the state saved.
        WorkerLost
            Another worker does not answer any more.
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
        self._saved, speed = time.monotonic(), state.get("steps_per_second")
        with self._stops.noted(), progress, self._together():
            while step < total or awaits_measuring(step, sums, self.steps_per_epoch):
                if not awaits_measuring(step, sums, self.steps_per_epoch):
                    step, sums, speed = self._train_epoch(step, sums, progress)
                self._close_epoch(step, sums, speed)
                sums = {}
                if self._stops.asked and not self._several_workers and step < total:
                    raise self._interrupted(step)
        return step

    @contextlib.contextmanager
    def _together(self):
        """What TensorFlow says when another worker is lost, for people."""
        try:
            yield
        except WORKER_IS_LOST as error:
            if not self._several_workers:
                raise
            raise WorkerLost(
                "strategy multiworker: expected all workers to train together. Received no answer "
                f"from one of them ({type(error).__name__} of TensorFlow). "
                f"{self._kept('checkpoint')}. Continue on all of them with: "
                f"{self._resume_command}"
            ) from error

    def _train_epoch(self, step, sums, progress):
        """The steps that are left of an epoch; step, sums and steps per second after them."""
        epoch, first = divmod(step, self.steps_per_epoch)
        progress.set_description(f"epoch {epoch + 1}/{self._epochs}")
        started = time.perf_counter()
        for batch in self._batches(epoch, first):
            losses = self._step(step, batch)
            step += 1
            sums = {name: sums.get(name, 0.0) + value for name, value in losses.items()}
            speed = (step - first - epoch * self.steps_per_epoch) / (time.perf_counter() - started)
            progress.set_postfix_str(self._postfix(losses, speed), refresh=False)
            progress.update()
            stops, saves = self._agreed
            if stops or saves:
                self._check_weights(step)
                self._save(step, sums, speed)
            if stops:
                raise self._interrupted(step)
        return step, sums, speed

    def _close_epoch(self, step, sums, speed):
        """Measure and save after the last step of an epoch."""
        row = {"step": step, "learning_rate_factor": self._rate(step - 1)}
        row |= {name: value / self.steps_per_epoch for name, value in sums.items()}
        row["images_per_second"] = speed * self._batch_size
        self._check_weights(step)
        try:
            # Of several workers all must stop at the same step, and one alone measures.
            with self._stops.obeyed(at_once=not self._several_workers):
                best = self._after_epoch(step // self.steps_per_epoch, row)
        except StopNow:
            self._save(step, sums, speed)
            raise self._interrupted(step) from None
        self._save(step, {}, best=best)

    def _save(self, step, sums, speed=None, *, best=False):
        state = {"step": step, "sums": sums}
        if awaits_measuring(step, sums, self.steps_per_epoch):
            state["steps_per_second"] = speed
        self._checkpoints.save(state, best=best)
        self._saved = time.monotonic()

    def _interrupted(self, step):
        # None: another worker was asked.
        asked = self._stops.asked
        return Interrupted(
            f"interrupted after step {step}{by_signal(asked)}, everything is saved. Continue with: "
            f"{self._resume_command}",
            asked,
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
        late = self._checkpoint_seconds is not None and (
            time.monotonic() - self._saved > self._checkpoint_seconds
        )
        losses, self._agreed = self._steps(batch, [bool(self._stops.asked), late])
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
        return GanMriError(
            f"training stopped at step {step}: {what}. {self._kept('good state')}; a lower "
            "learning rate or --precision float32 may help."
        )

    def _kept(self, what):
        last = self._checkpoints.index().get("last")
        if last:
            return f"The last {what} is {self._checkpoints.folder / last}"
        return "No epoch was complete, so there is no checkpoint"

    def _rate(self, step):
        return self._factor(step, self.steps_per_epoch)

    def _postfix(self, losses, speed):
        sums = {"discriminator": [], "total": []}
        for name, value in losses.items():
            sums.get(self._terms[name].kind, []).append(value)
        parts = [f"D {sum(sums['discriminator']):.3f}"] if sums["discriminator"] else []
        parts += [f"G {sum(sums['total']):.2f}"] if sums["total"] else []
        return ", ".join([*parts, f"{speed * self._batch_size:.1f} images/s"])


def awaits_measuring(step, sums, steps_per_epoch):
    """Whether a state is one in which an epoch has all of its steps, but no row in the history."""
    return bool(sums) and step % steps_per_epoch == 0

"""Synb0: an undistorted image from an anatomical and a distorted one, the same from either blip."""

import keras
import tensorflow as tf

from gan_mri import losses
from gan_mri.backend import tf_variables
from gan_mri.errors import GanMriError
from gan_mri.models.image_terms import ImageTerms
from gan_mri.models.translation import Translation, check_paired, per_replica
from gan_mri.networks.inputs import call_by_name
from gan_mri.tasks import Term


@keras.saving.register_keras_serializable(package="gan_mri")
class Synb0(Translation):
    """One network that sees the anatomy and one distorted image at a time.

    Echo-planar images come in two *blips*, with lines read in opposite order, whose
    distortions are opposite too. One training step is one Adam step on (Schilling et al. 2019,
    and the authors' code)

    * the mean over both blips of the weighted `image_losses` of what the network makes of
      the anatomy and this blip, against the undistorted image;
    * `agreement_weight` times the mean squared difference of the two predictions over the
      foreground of either (`gan_mri.losses.foreground_l2`);
    * `weight_decay` / 2 times the sum of all squared weights, which is in the gradient and in
      no number that a step returns.

    Where the undistorted image is all there is to learn from one blip, there is no second
    prediction and no agreement. What is trained translates one blip, whichever.

    Parameters
    ----------
    network : keras.Model
        Of the direction's sources by their names, see `gan_mri.networks.synb0_unet`.
    task : gan_mri.tasks.Task
        Of one direction of two or more sources, of which the last is the distorted image; any
        domain besides these and the target is another distorted image. All paired.
    agreement_weight : float
    weight_decay : float
        Added to the gradient as this times the weight, as PyTorch's Adam does.
    image_losses : dict or str
        By name and weight, see `gan_mri.losses.IMAGE_LOSSES`.

    Raises
    ------
    GanMriError
        For a task of another kind.

    References
    ----------
    Schilling et al. 2019, Magnetic Resonance Imaging 64:62; MASILab/Synb0-DISCO. Their losses
    are over a mask of the brain that comes with the data; here it is the foreground of the
    truth or the prediction.
    """

    def __init__(
        self,
        network,
        task,
        *,
        agreement_weight=1.0,
        weight_decay=0.0,
        image_losses="foreground_l2:1",
        name="synb0",
    ):
        super().__init__(name=name)
        if len(task.directions) != 1 or len(task.directions[0].sources) < 2:
            raise GanMriError(
                "task: expected one direction, from an anatomical and a distorted image to an "
                f"undistorted one. Received: {task}."
            )
        check_paired(task)
        self.network, self._task = network, task
        (self._direction,) = task.directions
        *self._anatomy, distorted = self._direction.sources
        known = (*self._direction.sources, self._direction.target)
        self._blips = [distorted, *(name for name in task.domains if name not in known)]
        self.agreement_weight, self.weight_decay = agreement_weight, weight_decay
        self.image_terms = ImageTerms(image_losses, task)
        self.image_dtype = network.outputs[0].dtype
        self.built = True

    @property
    def task(self):
        return self._task

    @property
    def terms(self):
        terms = {"G_total": Term("total"), **self.image_terms.terms}
        if self._agrees:
            terms["agreement"] = Term("image", self.agreement_weight, self._direction.name)
        return terms

    @property
    def networks(self):
        return {f"G_{self._direction.name}": self.network}

    @property
    def translators(self):
        return {self._direction.name: self.network}

    @property
    def optimizers_by_name(self):
        return {"G": self.G_optimizer}

    @property
    def _agrees(self):
        """Whether there are two predictions that are asked to be the same."""
        return len(self._blips) == 2 and self.agreement_weight > 0

    def make_optimizers(self, make_adam):
        self.G_optimizer = make_adam(name="adam_G")
        self.G_optimizer.add_group("G", tf_variables(self.network.trainable_variables))

    def train_step(self, batch):
        """The update above.

        Parameters
        ----------
        batch : dict by domain, or tuple in their order
            Images of one anatomy, `(N, *spatial, C)`, in [-1, 1].

        Returns
        -------
        dict of str to scalar tensor
            The image losses, means over the blips, and `agreement`, unweighted; `G_total`,
            their weighted sum.
        """
        images = self.images_of(batch)
        variables = self.G_optimizer.variables_of("G")
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(variables)
            predictions = self._predict(images)
            values = self._compare(images, predictions)
            total = self.weighted(values)
            objective = total
            if self.weight_decay:
                squares = tf.add_n([tf.nn.l2_loss(variable) for variable in variables])
                objective += self.weight_decay * squares
            objective = self.G_optimizer.scale_loss(per_replica(objective))
        self.G_optimizer.apply("G", tape.gradient(objective, variables))
        return {"G_total": total, **values}

    def _predict(self, images):
        """What is made of every blip, in their order."""
        count = len(self._blips)
        # As one batch: the network treats every image by itself.
        inputs = {name: tf.concat([images[name]] * count, axis=0) for name in self._anatomy}
        inputs[self._blips[0]] = tf.concat([images[name] for name in self._blips], axis=0)
        return tf.split(call_by_name(self.network, inputs, training=True), count)

    def _compare(self, images, predictions):
        truth, first = images[self._direction.target], images[self._direction.sources[0]]
        measured = [
            self.image_terms.measure(self._direction, truth, made, first) for made in predictions
        ]
        values = {name: tf.add_n([one[name] for one in measured]) for name in measured[0]}
        values = {name: value / len(measured) for name, value in values.items()}
        if self._agrees:
            values["agreement"] = losses.foreground_l2(*predictions)
        return values

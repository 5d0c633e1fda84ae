"""Generators and nothing else: supervised translation, in one direction or several."""

import keras
import tensorflow as tf

from gan_mri import losses
from gan_mri.backend import tf_variables
from gan_mri.errors import GanMriError
from gan_mri.layers import one_power_iteration
from gan_mri.models.image_terms import ImageTerms
from gan_mri.models.translation import Translation, check_paired, per_replica
from gan_mri.networks.inputs import call_by_name
from gan_mri.tasks import Task, Term


@keras.saving.register_keras_serializable(package="gan_mri")
class Generators(Translation):
    """Generators trained with errors against the true image.

    One training step is one Adam step for each direction, each with an Adam of
    its own, on `supervised_weight` times the mean absolute error plus the
    weighted `image_losses`. With CycleGAN's generators, there and back, this is
    Generators_s of paper 001, with `gan_mri.networks.simple_generator` its Simple.

    Parameters
    ----------
    *generators : keras.Model
        One for each direction of the task, in their order; of an image, or of
        several sources by their names.
    task : gan_mri.tasks.Task, optional
        Default: from A to B and, of a second generator, back. All domains must
        be paired.
    supervised_weight : float
        Of the mean absolute error.
    image_losses : dict or str, optional
        Further losses by name and weight, see `gan_mri.losses.IMAGE_LOSSES`.

    Raises
    ------
    GanMriError
        If domains of the task are not paired, or the generators are not as many as its directions.
    """

    def __init__(
        self, *generators, task=None, supervised_weight=1.0, image_losses=None, name="generators"
    ):
        super().__init__(name=name)
        self._task = task or Task.between("A", "B", paired=True, both_ways=len(generators) > 1)
        check_paired(self._task)
        if len(generators) != len(self._task.directions):
            names = ", ".join(direction.name for direction in self._task.directions)
            raise GanMriError(
                f"generators: expected one for each direction, {names}. "
                f"Received: {len(generators)}."
            )
        self.supervised_weight = supervised_weight
        self.image_terms = ImageTerms(image_losses, self._task)
        # Attributes of their own: Keras finds a model's networks there.
        self._generators = {}
        for direction, generator in zip(self._task.directions, generators):
            setattr(self, f"G_{direction.name}", generator)
            self._generators[direction.name] = generator
        self.image_dtype = generators[0].outputs[0].dtype
        self.built = True

    @property
    def task(self):
        return self._task

    @property
    def terms(self):
        terms = {"G_total": Term("total")} | self.image_terms.terms
        for direction in self._task.directions:
            if self.supervised_weight:
                term = Term("image", self.supervised_weight, direction.name)
                terms[f"supervised_{direction.target}"] = term
        return terms

    @property
    def networks(self):
        return {f"G_{name}": network for name, network in self._generators.items()}

    @property
    def translators(self):
        return dict(self._generators)

    @property
    def optimizers_by_name(self):
        return dict(self._optimizers_by_direction)

    def make_optimizers(self, make_adam):
        self._optimizers_by_direction = {}
        for direction, network in self._generators.items():
            optimizer = make_adam(name=f"adam_{direction}")
            optimizer.add_group("G", tf_variables(network.trainable_variables))
            self._optimizers_by_direction[direction] = optimizer

    def train_step(self, batch):
        """The update above.

        Parameters
        ----------
        batch : dict by domain, or tuple in their order
            Images of one anatomy, `(N, *spatial, C)`, in [-1, 1]; those of sources with
            their neighbouring slices, if the task has any.

        Returns
        -------
        dict of str to scalar tensor
            `supervised_A`, `supervised_B`: mean absolute errors of the
            translations to A and to B; other losses by name; `G_total`, the
            weighted sum.
        """
        images, results = self.images_of(batch), {}
        with one_power_iteration():
            for direction in reversed(self._task.directions):
                results |= self._train(direction, images)
        return {"G_total": self.weighted(results), **results}

    def _train(self, direction, images):
        optimizer = self._optimizers_by_direction[direction.name]
        variables, truth = optimizer.variables_of("G"), images[direction.target]
        inputs, source = direction.inputs(images), self._task.alone(images)[direction.sources[0]]
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(variables)
            made = call_by_name(self._generators[direction.name], inputs, training=True)
            values = {}
            if self.supervised_weight:
                name = f"supervised_{direction.target}"
                values[name] = losses.mean_absolute_error(truth, made)
            values |= self.image_terms.measure(direction, truth, made, source)
            objective = optimizer.scale_loss(per_replica(self.weighted(values)))
        optimizer.apply("G", tape.gradient(objective, variables))
        return values

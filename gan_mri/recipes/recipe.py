"""What every recipe has: fields, their checks, and how a model is made of them."""

import dataclasses

from gan_mri.errors import GanMriError
from gan_mri.recipes.schedules import linear_decay
from gan_mri.tasks import Task


def at_least(lowest, default=dataclasses.MISSING):
    """A field for a number from `lowest`; recipes state it, unless it has a default."""
    return dataclasses.field(default=default, metadata={"lowest": lowest})


def one_of(*choices, default=dataclasses.MISSING):
    """A field for one of several words."""
    return dataclasses.field(default=default, metadata={"choices": choices})


def free_sizes(image_shape):
    """`(None, None, C)` of `(H, W, C)`: training crops what translation sees whole."""
    return (*[None] * (len(image_shape) - 1), image_shape[-1])


#: Names of `gan_mri.losses.adversarial`, known without TensorFlow.
ADVERSARIAL = ("least_squares", "bce", "hinge", "wgan-gp", "absolute")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Recipe:
    """The settings of a method; a subclass is a system, and adds its own fields.

    A system that one paper uses stands in the paper's file; one that several use, or that is
    long, in `gan_mri.recipes.settings`. The values are in the papers' files, all of them in one
    place.

    Fields
    ------
    epochs, decay_epoch : int
        The learning rate is constant for `decay_epoch` epochs, then falls
        linearly to 0 at the end of `epochs`; with `epochs` no larger than
        `decay_epoch` it stays constant.
    batch_size : int
        Images of each domain in a step, per replica.
    learning_rate, beta_1, beta_2 : float
        Of Adam.
    image_losses : str or dict
        Further losses of the translations by name and weight, "l1:100,edge:10", see
        `gan_mri.losses.IMAGE_LOSSES`; "" for none.
    """

    epochs: int = at_least(1)
    decay_epoch: int = at_least(0)
    batch_size: int = at_least(1)
    learning_rate: float = at_least(0.0)
    beta_1: float = at_least(0.0)
    beta_2: float = at_least(0.0)
    image_losses: str = ""

    def task(self, contrasts=None):
        """Domains, directions and what must be paired.

        Parameters
        ----------
        contrasts : sequence of str, optional
            What the user names; only systems of any number of domains look at it.

        Returns
        -------
        gan_mri.tasks.Task
        """
        return Task.between("A", "B", paired=self._losses_need_truth())

    @property
    def needs_pairs(self):
        """Whether some images of a row of a batch must be of the same anatomy."""
        return bool(self.task().paired)

    def _losses_need_truth(self):
        """Whether one of `image_losses` compares with the true image."""
        if not self.image_losses:
            return False
        from gan_mri import losses

        return losses.needs_truth(losses.parse_image_losses(self.image_losses))

    def learning_rate_factor(self, step, steps_per_epoch):
        """What every learning rate is multiplied by in a step of the training.

        Here `gan_mri.recipes.schedules.linear_decay`; a paper with another schedule says so
        in its own recipe.

        Parameters
        ----------
        step : int
            Steps done before this one.
        steps_per_epoch : int

        Returns
        -------
        float
        """
        return linear_decay(
            step,
            steps_per_epoch=steps_per_epoch,
            epochs=self.epochs,
            decay_epoch=self.decay_epoch,
        )

    @property
    def may_lack_sources(self):
        """Whether the model is trained so that of several sources all but one may be missing.

        What is missing is -1 everywhere, background.
        """
        return False

    @property
    def built_in_data(self):
        """The built-in data set (`gan_mri.data.sources.built_in`) to try it on."""
        return "phantom"

    @property
    def data_options(self):
        """Options of the data (`gan_mri.data.options`) that belong to the method."""
        return {}

    @property
    def built_in_options(self):
        """Options of the data where these are built in: contrasts and size of a demonstration."""
        return {}

    def for_shape(self, image_shape):
        """The recipe with what depends on the size of training images worked out."""
        return self

    def build(self, image_shape, *, contrasts=None, seed=0, loss_scaling=False, freeze=()):
        """The compiled model for images of this shape, in the present precision.

        Parameters
        ----------
        image_shape : tuple
            `(H, W, C)` or `(X, Y, Z, C)`.
        contrasts : sequence of str, optional
            See `task`.
        seed : int
            Of what the model draws at random while it trains.
        loss_scaling : bool
            For float16.
        freeze : sequence of str
            Networks, or parts of them, that training leaves as they are, see
            `gan_mri.networks.parts.freeze`.
        """
        model = self.build_model(image_shape, task=self.task(contrasts), seed=seed)
        if freeze:
            # Imported here so that the list of recipes costs no TensorFlow.
            from gan_mri.networks.parts import freeze as freeze_parts

            freeze_parts(model.networks, freeze)
        model.compile(
            learning_rate=self.learning_rate,
            beta_1=self.beta_1,
            beta_2=self.beta_2,
            loss_scaling=loss_scaling,
        )
        return model

    def build_model(self, image_shape, *, task, seed):
        """The model for a task, not compiled yet."""
        raise NotImplementedError

    def build_translators(self, image_shape, task):
        """Fresh networks that translate, by the name of the direction.

        Of the same structure as the model's `exported_translators`, so that they take
        their weights; `image_shape` may have free sizes.
        """
        raise NotImplementedError

    def __post_init__(self):
        object.__setattr__(self, "image_losses", _as_text(self.image_losses))
        for field in dataclasses.fields(self):
            object.__setattr__(self, field.name, _checked(field, getattr(self, field.name)))

    def replace(self, **overrides):
        """A copy with other values; an unknown name is an error.

        Raises
        ------
        GanMriError
            Naming the fields that there are.
        """
        known = [field.name for field in dataclasses.fields(self)]
        for name in overrides:
            if name not in known:
                raise GanMriError(
                    f"{name!r} is not a setting of this recipe. It has: {', '.join(known)}."
                )
        return dataclasses.replace(self, **overrides)


def _as_text(image_losses):
    """Losses by name and weight as a text with one spelling, such as "l1:100,edge:0.5"."""
    if image_losses is None or image_losses == "":
        return ""
    # Imported here so that the list of recipes costs no TensorFlow.
    from gan_mri.losses import parse_image_losses

    weights = parse_image_losses(image_losses)
    return ",".join(f"{name}:{weight!r}".removesuffix(".0") for name, weight in weights.items())


def _checked(field, value):
    """The value in the field's type, or an error that says what fits."""
    kind = {"int": int, "float": float, "bool": bool, "str": str}.get(
        getattr(field.type, "__name__", field.type)
    )
    wanted = {int: "a whole number", float: "a number", bool: "True or False"}
    fits = isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        value, fits = float(value), True
    lowest, choices = field.metadata.get("lowest"), field.metadata.get("choices")
    expected = wanted.get(kind, "a word")
    if lowest is not None:
        expected += f" from {lowest}"
        fits = fits and lowest <= value < float("inf")
    if choices:
        expected = f"one of {', '.join(choices)}"
        fits = fits and value in choices
    if not fits:
        raise GanMriError(f"{field.name} must be {expected}. Received: {value!r}.")
    return value

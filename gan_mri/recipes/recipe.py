"""What every recipe has: fields, their checks, and how a model is made of them."""

import dataclasses

from gan_mri.errors import GanMriError


def at_least(lowest, default):
    """A field for a number that is `lowest` or more."""
    return dataclasses.field(default=default, metadata={"lowest": lowest})


def one_of(*choices):
    """A field for one of several words; the first is the default."""
    return dataclasses.field(default=choices[0], metadata={"choices": choices})


def free_sizes(image_shape):
    """`(None, None, C)` of `(H, W, C)`: training crops what translation sees whole."""
    return (*[None] * (len(image_shape) - 1), image_shape[-1])


@dataclasses.dataclass(frozen=True, kw_only=True)
class Recipe:
    """A paper's method with its settings; a subclass adds its own fields.

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
    """

    epochs: int = at_least(1, 200)
    decay_epoch: int = at_least(0, 101)
    batch_size: int = at_least(1, 1)
    learning_rate: float = at_least(0.0, 2e-4)
    beta_1: float = at_least(0.0, 0.5)
    beta_2: float = at_least(0.0, 0.999)

    @property
    def needs_pairs(self):
        """Whether A and B of a batch must be the same anatomy."""
        return False

    @property
    def built_in_data(self):
        """The built-in data set (`gan_mri.data.sources.built_in`) to try it on."""
        return "phantom"

    def build(self, image_shape, *, seed=0, loss_scaling=False):
        """The compiled model for images of this shape, in the present precision.

        Parameters
        ----------
        image_shape : tuple
            `(H, W, C)` or `(X, Y, Z, C)`.
        seed : int
            Of what the model draws at random while it trains.
        loss_scaling : bool
            For float16.
        """
        model = self.build_model(image_shape, seed)
        model.compile(
            learning_rate=self.learning_rate,
            beta_1=self.beta_1,
            beta_2=self.beta_2,
            loss_scaling=loss_scaling,
        )
        return model

    def build_model(self, image_shape, seed):
        """The model, not compiled yet."""
        raise NotImplementedError

    def build_translators(self, image_shape):
        """Fresh networks that translate, by direction ("A2B", "B2A").

        Of the same structure as the model's `translators`, so that they take
        their weights; `image_shape` may have free sizes.
        """
        raise NotImplementedError

    def __post_init__(self):
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

"""Layers that compute every position by itself."""

import numpy as np

from gan_mri.inference.volumes.operations.operation import Identity, Operation
from gan_mri.inference.volumes.operations.registry import operates, refusal


@operates(
    "gan_mri.LeakyReLU",
    "keras.BatchNormalization",
    "keras.ELU",
    "keras.LeakyReLU",
    "keras.ReLU",
    "keras.Rescaling",
)
class Pointwise(Operation):
    """The Keras layer itself, on rows."""

    def bind(self, moments=None):
        def apply(tensors, numbers):
            batches = [tensor[None] for tensor in tensors]
            return self.layer(batches if len(batches) > 1 else batches[0])[0]

        return apply


@operates(
    "keras.Add",
    "keras.Average",
    "keras.Concatenate",
    "keras.Maximum",
    "keras.Minimum",
    "keras.Multiply",
    "keras.Subtract",
)
class Merging(Pointwise):
    """Several maps of one size to one."""

    joins = True

    def __init__(self, layer, shapes):
        super().__init__(layer, shapes)
        if len({shape[:-1] for shape in self.given}) != 1:
            raise refusal(layer, "inputs of one size", self.given)
        axis = getattr(layer, "axis", None)
        if axis is None:
            channels = np.broadcast_shapes(*(shape[-1:] for shape in self.given))[0]
        else:
            if axis not in (-1, len(self.shape)):
                raise refusal(layer, "a concatenation of channels", f"axis {axis}")
            channels = sum(shape[-1] for shape in self.given)
            # The maps that go in are as large as the one that comes out.
            self.joins = False
        self.shape = (*self.shape[:-1], channels)


@operates("keras.Activation")
def _activation(layer, shapes):
    name = getattr(layer.activation, "__name__", None)
    return (Identity if name == "linear" else Pointwise)(layer, shapes)


@operates("gan_mri.ToChannels")
def _to_channels(layer, shapes):
    same = shapes[0][-1] == layer.channels
    built = (Identity if same else Pointwise)(layer, shapes)
    built.shape = (*built.shape[:-1], layer.channels)
    return built


# Outside of training they do nothing.
operates(
    "gan_mri.Dropout",
    "gan_mri.GaussianNoise",
    "keras.Dropout",
    "keras.GaussianDropout",
    "keras.GaussianNoise",
    "keras.Identity",
    "keras.SpatialDropout2D",
    "keras.SpatialDropout3D",
)(Identity)

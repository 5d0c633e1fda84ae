"""A chain of layers whose activations are computed again in the backward pass."""

import inspect

import keras
import tensorflow as tf

from gan_mri.layers.passes import Passes


@keras.saving.register_keras_serializable(package="gan_mri")
class Recomputed(keras.layers.Layer):
    """One layer after the other, of which only the input is kept for the gradient.

    `outputs = layer_n(... layer_1(inputs))`, plus `inputs` where `residual`.
    Training keeps what every layer computes until the backward pass has used
    it; in 3D that is most of the memory. This block keeps its input alone, and
    its backward pass computes the layers again, one block at a time: memory
    for time, up to a third more of it (Chen et al. 2016; benchmarks/recompute.py).

    Losses and gradients are those of the same layers without the block. What
    changes state in the forward pass (the power iteration of spectral
    normalisation, the random numbers of dropout) does so once: the second pass
    is given what the first one took (`gan_mri.layers.passes`).

    Only graphs (`tf.function`) are computed so; eager execution calls the
    layers as they are. The weights must not change between a forward pass and
    its backward pass.

    Parameters
    ----------
    layers : sequence of keras.layers.Layer
        In the order of their call, each from one tensor to one tensor.
    residual : bool
        Add the input to the output.

    Attributes
    ----------
    inner_layers : list of keras.layers.Layer

    References
    ----------
    Chen, Xu, Zhang, Guestrin 2016, "Training deep nets with sublinear memory
    cost", arXiv:1604.06174.

    Examples
    --------
    >>> block = Recomputed([keras.layers.Conv2D(8, 3, padding="same")], residual=True)
    >>> block(tf.zeros((1, 16, 16, 8))).shape
    TensorShape([1, 16, 16, 8])
    """

    def __init__(self, layers, residual=False, **kwargs):
        super().__init__(**kwargs)
        self.inner_layers = list(layers)
        # Keras 3 hides a list of layers from TensorFlow's checkpoints.
        self._checkpointed = tf.train.Checkpoint(layers=list(layers))
        self.residual = residual

    def build(self, input_shape):
        shape = tuple(input_shape)
        for layer in self.inner_layers:
            if not layer.built:
                # Keras 2 gives weights of different layers the same name otherwise.
                with tf.name_scope(layer.name):
                    layer.build(shape)
            shape = tuple(layer.compute_output_shape(shape))
        super().build(input_shape)

    def call(self, inputs, training=False):
        if tf.executing_eagerly():
            return self._compose(inputs, training)
        passes = Passes()

        def compute(x):
            with passes.another():
                return self._compose(x, training)

        return _recompute(compute, inputs)

    def compute_output_shape(self, input_shape):
        shape = tuple(input_shape)
        for layer in self.inner_layers:
            shape = tuple(layer.compute_output_shape(shape))
        return shape

    def compute_output_spec(self, inputs, training=False):
        """What Keras 3 asks (Keras 2 calls the layer): the last layer's precision, not the block's.

        Under mixed precision a network ends in full precision within a block of 16 bits.
        """
        shape = self.compute_output_shape(inputs.shape)
        return keras.KerasTensor(shape, dtype=self.inner_layers[-1].compute_dtype)

    @property
    def weights(self):
        """Layer by layer, as without the block (Keras 2 puts trainable ones first)."""
        return [weight for layer in self.inner_layers for weight in layer.weights]

    def get_config(self):
        layers = [keras.saving.serialize_keras_object(layer) for layer in self.inner_layers]
        return {**super().get_config(), "layers": layers, "residual": self.residual}

    @classmethod
    def from_config(cls, config):
        layers = [keras.saving.deserialize_keras_object(layer) for layer in config["layers"]]
        return cls(**{**config, "layers": layers})

    def _compose(self, x, training):
        y = x
        for layer in self.inner_layers:
            # Said to each: in the backward pass there is no caller to take it over from.
            takes = "training" in inspect.signature(layer.call).parameters
            y = layer(y, training=training) if takes else layer(y)
        return y + x if self.residual else y


def _recompute(function, inputs):
    """`function(inputs)`, of which only the inputs are kept for the gradient.

    Unlike `tf.recompute_grad` this has a second derivative, and nothing before
    it is computed again until all gradients of this block are there: by
    measurement of a 3D CycleGAN step (benchmarks/recompute.py, 64^3) that
    keeps 564 MiB alive instead of 767.
    """

    @tf.custom_gradient
    def run(inputs):
        def gradient(upstream, variables=()):
            variables = list(variables)
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                # Not before it is needed: nothing else would hold it back.
                with tf.control_dependencies([upstream]):
                    again = tf.identity(inputs)
                tape.watch([again, *variables])
                outputs = function(again)
            to_inputs, *to_variables = tape.gradient(
                outputs,
                [again, *variables],
                upstream,
                unconnected_gradients=tf.UnconnectedGradients.ZERO,
            )
            with tf.control_dependencies(to_variables):
                to_inputs = tf.identity(to_inputs)
            return to_inputs, to_variables

        return function(inputs), gradient

    return run(inputs)

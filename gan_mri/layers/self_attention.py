"""Self-attention as SAGAN defines it."""

import keras
import tensorflow as tf

from gan_mri.backend import add_wide_weight
from gan_mri.errors import GanMriError
from gan_mri.layers.attention import attend
from gan_mri.layers.spectral_normalization import SpectralNormalization

_CONVOLUTIONS = {2: keras.layers.Conv2D, 3: keras.layers.Conv3D}


@keras.saving.register_keras_serializable(package="gan_mri")
class SelfAttention(keras.layers.Layer):
    """Adds to every position what it finds at all others: `y = gamma * o + x`.

    `o_j = sum_i beta_ji h(x_i)`, `beta_ji = softmax over i of f(x_i) . g(x_j)`
    over all positions i of an image or volume. f, g and h are 1x1 convolutions
    with bias, here called `key`, `query` and `value`: the first two to
    `channels // reduction` channels, the third to as many as there are. gamma
    is one number, and 0 at first: the layer starts as the identity. The bias of
    the keys has no effect, because it adds the same to all scores of a query;
    it is there because SAGAN's code has it.

    The map beta, square in the number of positions, is never held whole (see
    `gan_mri.layers.attention`); `attention_map` gives the row of one position.

    Parameters
    ----------
    reduction : int
        Channels of the input for each channel of queries and keys.
    spectral_normalization : bool
        On the three convolutions.
    initializer : str or dict
        Of their kernels, as `keras.initializers.get` takes it.

    Raises
    ------
    ValueError
        For a reduction below 1, and inputs that are neither `(N, H, W, C)` nor
        `(N, X, Y, Z, C)` with a known C. H, W, X, Y, Z may be any, and None.

    References
    ----------
    Zhang, Goodfellow, Metaxas, Odena 2018, "Self-attention generative
    adversarial networks", arXiv:1805.08318v1, equations 1 to 3; in later
    versions h, too, has fewer channels and a fourth convolution follows.
    Maheshwari and Pant (paper 002), section 4.

    Examples
    --------
    >>> SelfAttention()(tf.zeros((1, 76, 64, 256))).shape
    TensorShape([1, 76, 64, 256])
    """

    def __init__(
        self,
        reduction=8,
        spectral_normalization=False,
        initializer="glorot_uniform",
        **kwargs,
    ):
        super().__init__(**kwargs)
        if reduction < 1:
            raise ValueError(f"reduction must be 1 or more. Received: {reduction!r}")
        self.reduction = reduction
        self.spectral_normalization = spectral_normalization
        self.initializer = initializer

    def build(self, input_shape):
        channels = input_shape[-1]
        if len(input_shape) - 2 not in _CONVOLUTIONS or channels is None:
            raise ValueError(
                "SelfAttention needs inputs (N, H, W, C) or (N, X, Y, Z, C) with a "
                f"known number of channels C. Received: {tuple(input_shape)}"
            )
        narrow = max(1, channels // self.reduction)
        self.query = self._convolution(input_shape, narrow, "query")
        self.key = self._convolution(input_shape, narrow, "key")
        self.value = self._convolution(input_shape, channels, "value")
        self.gamma = add_wide_weight(self, "gamma", (), "zeros")
        super().build(input_shape)

    def call(self, inputs, training=False):
        found = attend(
            self._project(self.query, inputs, training),
            self._project(self.key, inputs, training),
            self._project(self.value, inputs, training),
        )
        found = tf.reshape(found, tf.shape(inputs))
        gamma = tf.convert_to_tensor(self.gamma)
        outputs = gamma * tf.cast(found, gamma.dtype) + tf.cast(inputs, gamma.dtype)
        outputs = tf.cast(outputs, inputs.dtype)
        outputs.set_shape(inputs.shape)
        return outputs

    def attention_map(self, inputs, position):
        """Where one position looks: its row of the map beta.

        Parameters
        ----------
        inputs : tensor (N, H, W, C) or (N, X, Y, Z, C)
            As `call` takes them.
        position : sequence of int
            (row, column) or (x, y, z) of the query, from 0.

        Returns
        -------
        tensor (N, H, W) or (N, X, Y, Z)
            float32 (float64 under that policy), from 0, with the sum 1.

        Raises
        ------
        GanMriError
            For a position that is not in the inputs.
        """
        inputs = tf.cast(inputs, self.compute_dtype)
        space = inputs.shape[1:-1].as_list()
        position = tuple(position)
        if len(position) != len(space) or not all(
            0 <= index < length for index, length in zip(position, space)
        ):
            raise GanMriError(
                f"position must be one index for each of {len(space)} axes, inside of "
                f"{tuple(space)}. Received: {position}."
            )
        if not self.built:
            self.build(inputs.shape)
        wide = self.variable_dtype
        query = inputs[(slice(None), *(slice(i, i + 1) for i in position))]
        query = tf.cast(self._project(self.query, query), wide)
        keys = tf.cast(self._project(self.key, inputs), wide)
        scores = tf.matmul(query, keys, transpose_b=True)
        return tf.reshape(tf.nn.softmax(scores), tf.shape(inputs)[:-1])

    def compute_output_shape(self, input_shape):
        return tuple(input_shape)

    def get_config(self):
        return {
            **super().get_config(),
            "reduction": self.reduction,
            "spectral_normalization": self.spectral_normalization,
            "initializer": self.initializer,
        }

    def _convolution(self, input_shape, filters, name):
        layer = _CONVOLUTIONS[len(input_shape) - 2](
            filters,
            1,
            kernel_initializer=self.initializer,
            dtype=self.dtype_policy,
            name=name,
        )
        if self.spectral_normalization:
            layer = SpectralNormalization(layer, dtype=self.dtype_policy, name=name)
        # Keras 2 gives the weights of all three the same name otherwise.
        with tf.name_scope(name):
            layer.build(input_shape)
        return layer

    def _project(self, layer, inputs, training=False):
        """A convolution's output, positions in a row: `(N, positions, channels)`."""
        options = {"training": training} if self.spectral_normalization else {}
        projected = layer(inputs, **options)
        # Known while tracing where the inputs are, as XLA wants it.
        positions = inputs.shape[1:-1].num_elements()
        return tf.reshape(
            projected,
            (
                tf.shape(inputs)[0],
                -1 if positions is None else positions,
                projected.shape[-1],
            ),
        )

"""Colour histograms as a layer, for generators that are given one."""

import keras
import tensorflow as tf

from gan_mri.histogram.color import checked_bins, color_histogram


@keras.saving.register_keras_serializable(package="gan_mri")
class ColorHistogram(keras.layers.Layer):
    """Histogram of every channel of every image, by kernel density.

    `(N, ..., C)` in [-1, 1] becomes `(N, C, bins)`, see
    `gan_mri.histogram.color_histogram`. Computed in float32 at least, from the
    images as they come, also under mixed precision.

    Without XLA: the layer goes into translators, whose reference images are of
    any size, each of which XLA would compile anew, and which may run where
    there is no XLA. It costs 10 to 40 ms for 256x256x3 pixels on two cores.

    Parameters
    ----------
    bins : int
        At least 2.
    bandwidth : float
        From 1/64 to 32 widths of a bin, `2 / bins`.
    """

    def __init__(self, bins, bandwidth, **kwargs):
        # From 0.5 to 1 bfloat16 has steps of half a bin of 256.
        super().__init__(autocast=False, **kwargs)
        self.bins, self.bandwidth = checked_bins(bins, bandwidth)

    def call(self, inputs):
        histogram = color_histogram(inputs, self.bins, self.bandwidth, compiled=False)
        return tf.cast(histogram, self.compute_dtype)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], input_shape[-1], self.bins)

    def get_config(self):
        return {**super().get_config(), "bins": self.bins, "bandwidth": self.bandwidth}

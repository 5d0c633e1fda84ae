"""A history of synthetic images for the discriminators."""

import tensorflow as tf


class ImagePool(tf.Module):
    """Returns, half of the time, an older synthetic image in place of the new one.

    Until the pool is full every image is kept and returned. From then on, with
    probability 1/2, an image takes the place of a random older one, which is
    returned; otherwise it is returned itself. (Shrivastava et al. 2017; Zhu et
    al. 2017, section 4.) GAN-MRI's pool means to do this but always returns
    the new image: its "old" one is a view of the memory that has just been
    overwritten.

    Lives in the graph, for any batch size; every variable belongs to a
    checkpoint. Random numbers are stateless, from a seed and a counter, so
    that a resumed run draws what the uninterrupted one would. Under
    `tf.distribute` every replica keeps a pool of its own, on purpose: its
    pool holds the images it has seen; a checkpoint holds the first replica's.

    Parameters
    ----------
    size : int
        Images kept; 0 returns every image as it is.
    image_shape : tuple of int
        Without the batch axis.
    dtype : str
    seed : int
    """

    def __init__(self, size, image_shape, *, dtype="float32", seed=0, name="pool"):
        super().__init__(name=name)
        self.size = size
        self._seed = seed
        if size > 0:
            own = {
                "trainable": False,
                "synchronization": tf.VariableSynchronization.ON_READ,
                "aggregation": tf.VariableAggregation.ONLY_FIRST_REPLICA,
            }
            self.images = tf.Variable(tf.zeros((size, *image_shape), dtype), name="images", **own)
            self.queries = tf.Variable(0, dtype=tf.int64, name="queries", **own)

    def query(self, images):
        """Exchange a batch, `(N, *image_shape)`, image by image.

        Returns
        -------
        tensor
            Of the same shape: the images that the discriminator is to see.
        """
        if self.size == 0:
            return images
        exchanged = tf.map_fn(self._query_one, images, parallel_iterations=1)
        exchanged.set_shape(images.shape)
        return tf.stop_gradient(exchanged)

    def _query_one(self, image):
        count = tf.convert_to_tensor(self.queries)
        seed = tf.stack([tf.constant(self._seed, tf.int64), count])
        slot = tf.random.stateless_uniform((), seed, maxval=self.size, dtype=tf.int32)
        exchange = tf.random.stateless_uniform((), seed + [1, 0]) > 0.5
        filling = count < self.size
        slot = tf.where(filling, tf.cast(count, tf.int32), slot)
        old = tf.gather(self.images, slot)
        kept = tf.where(tf.logical_or(filling, exchange), image, old)
        returned = tf.where(tf.logical_and(~filling, exchange), old, image)
        # The value that is returned is read before the slot is written.
        with tf.control_dependencies([returned, kept]):
            # The method of the same name is missing on replicas.
            tf.raw_ops.ResourceScatterNdUpdate(
                ref=self.images.handle, indices=[[slot]], updates=[kept]
            )
            self.queries.assign_add(1)
        return returned

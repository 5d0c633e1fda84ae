"""What a layer does to a few rows of a map."""


class Operation:
    """A layer at work on rows.

    A *map* is what a layer makes of one image, `(X, Y, C)` or `(X, Y, Z, C)`:
    no batch axis. A *row* is all of it that has one index of the first axis. A
    range of rows `(start, stop)` is counted in the map's own coordinates and
    never sticks out of it.

    Parameters
    ----------
    layer : keras.layers.Layer
        Built.
    shapes : list of tuple of int
        Of the input maps.

    Attributes
    ----------
    shape : tuple of int
        Of the output map.
    kept : bool
        The output is too dear to be computed at every reading: it is stored.
    joins : bool
        Storing the output may free more than it takes: several maps go in.
    needs_moments : bool
        Mean and variance of the whole input must be known first.
    reads : int or None
        How many of the layer's inputs are read; None: all.
    """

    kept = False
    joins = False
    needs_moments = False
    reads = None

    def __init__(self, layer, shapes):
        self.layer = layer
        self.given = [tuple(shape) for shape in shapes]
        self.shape = self.given[0]

    def rows(self, start, stop):
        """What the output's rows [start, stop) are made of.

        Returns
        -------
        (list of (int, int), tuple of int)
            The rows of each input that is read, and numbers for the function
            that `bind` returns, always equally many.
        """
        return [(start, stop)] * len(self.given), ()

    def bind(self, moments=None):
        """The computation, as a function that TensorFlow can trace.

        Parameters
        ----------
        moments : gan_mri.inference.volumes.moments.Moments, optional
            Of the input, where `needs_moments`.

        Returns
        -------
        callable
            `(tensors, numbers) -> tensor`. The tensors are the rows that `rows`
            asked for, of shape `(rows, ...)`, the numbers int32 scalars.
        """
        raise NotImplementedError

    def temporary(self, given, made):
        """Bytes that exist for a moment beside inputs and output.

        Parameters
        ----------
        given : list of int
            Bytes of the inputs' rows.
        made : int
            Bytes of the output's rows.
        """
        return 0

    def temporary_whole(self, made):
        """The same for the Keras layer itself on the whole map of `made` bytes."""
        return 0


class Identity(Operation):
    """A layer that changes nothing outside of training."""

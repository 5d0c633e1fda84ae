"""A network applied to a whole volume, in slabs, with the statistics of the whole."""

import shutil
import tempfile

import numpy as np
import tensorflow as tf
from tqdm import tqdm

from gan_mri.errors import GanMriError
from gan_mri.inference.volumes.graph import Graph, by_name
from gan_mri.inference.volumes.moments import Moments, slab_moments
from gan_mri.inference.volumes.plan import GIB, plan_graph
from gan_mri.inference.volumes.slabs import slabs
from gan_mri.inference.volumes.stages import measured, stages
from gan_mri.inference.volumes.storage import InArray, InFile, InMemory
from gan_mri.inference.volumes.traced import traced


def apply_exactly(network, volume, *, memory=None, progress=False):
    """What `network(volume[np.newaxis])[0]` is, in a bounded memory.

    The network is applied layer by layer, each layer in slabs along the first
    axis with the neighbouring rows that its kernel reaches. Instance
    normalisation has the mean and variance of the whole volume, because a
    layer's map is complete before it is normalised. There are no tiles, and no
    seams.

    Of each map the rows that nobody reads any more are given back. Maps that
    find no room in the memory are kept in temporary files (TMPDIR says where).

    Parameters
    ----------
    network : keras.Model
        Functional, from images to an image, of rank 2 or 3, in float32 or
        float64, with free spatial sizes (or those of the volume).
    volume : ndarray `(X, Y, Z, C)` or `(X, Y, C)`, or dict
        In the network's range; of several inputs, by name.
    memory : float, optional
        GiB that the process may take above what it holds before. Default: as
        much as the maps need.
    progress : bool
        Show a progress bar.

    Returns
    -------
    ndarray
        Of the network's precision. It differs from one pass over the whole
        volume by rounding; TensorFlow's own means and variances over millions
        of voxels are the less exact ones.

    Raises
    ------
    GanMriError
        If the network has a layer of which a few rows cannot be computed from
        a few rows (self-attention needs every position), if the volume does
        not suit it, if the memory is too small, or the disk for the files.

    Examples
    --------
    >>> generator = gan_mri.networks.resnet_generator((None, None, None, 1))
    >>> apply_exactly(generator, volume, memory=2).shape
    (182, 218, 182, 1)
    """
    volumes = {name: np.asarray(one) for name, one in by_name(network, volume).items()}
    for name, one in volumes.items():
        if one.dtype.kind not in "fiu":
            raise GanMriError(f"volume {name}: expected numbers. Received: {one.dtype}.")
    graph = Graph(network, {name: one.shape for name, one in volumes.items()})
    return apply_plan(graph, volumes, plan_graph(graph, memory), progress=progress)


def apply_plan(graph, volumes, plan, *, progress=False):
    """As `apply_exactly`, with a plan that is made.

    Parameters
    ----------
    graph : Graph
    volumes : dict of ndarray
        By the names of the network's inputs.
    plan : gan_mri.inference.volumes.plan.Plan
    progress : bool
    """
    free = shutil.disk_usage(tempfile.gettempdir()).free
    if free < plan.files:
        raise GanMriError(_no_room(plan, f"{free / GIB:.1f} GiB"))
    run = _Run(graph, volumes, plan)
    work = list(slabs(graph, stages(graph), plan.heights))
    try:
        for slab in tqdm(work, unit="slab", disable=not progress, dynamic_ncols=True):
            run.compute(slab)
    except OSError as error:
        raise GanMriError(_no_room(plan, error)) from error
    finally:
        run.close()
    return run.result


def _no_room(plan, received):
    return (
        f"{tempfile.gettempdir()}: expected room for {plan.files / GIB:.1f} GiB of temporary "
        f"files (TMPDIR names another folder). Received: {received}."
    )


class _Run:
    """The maps of a translation, and what is known of them.

    Attributes
    ----------
    result : ndarray
        The output, complete after the last slab.
    """

    def __init__(self, graph, volumes, plan):
        self._graph, self._plan = graph, plan
        self._measured = measured(graph)
        self.result = np.empty(graph.nodes[graph.output].shape, graph.dtype)
        self._maps = {}
        self._moments = {}
        for name, index in graph.inputs.items():
            self._maps[index] = InArray(volumes[name], graph.dtype)
            if index in self._measured:
                self._moments[index] = _moments_of(self._maps[index], graph.nodes[index].shape)
        self._stage = self._function = None

    def compute(self, slab):
        """Compute, store and measure one slab, and give back what is not needed any more."""
        if slab.stage is not self._stage:
            self._begin(slab.stage)
        given = [
            tf.convert_to_tensor(self._maps[source].read(*slab.needs[source]))
            for source in slab.stage.sources
        ]
        rows, *moments = self._function(given, tf.constant(slab.numbers, tf.int32))
        del given
        sink = slab.stage.sink
        # No copy, on a CPU.
        self._maps[sink].write(slab.start, np.asarray(rows))
        if moments:
            count = np.prod(rows.shape[:-1])
            self._moments[sink].merge(*(moment.numpy() for moment in moments), count)
        for source, first in slab.release.items():
            self._maps[source].release(first)
            if slab.last:
                self._maps.pop(source).close()

    def close(self):
        """Give all maps back."""
        while self._maps:
            self._maps.popitem()[1].close()

    def _begin(self, stage):
        sink = stage.sink
        measure = sink in self._measured
        self._stage = stage
        self._function = traced(self._graph, stage, self._moments, measure)
        if measure:
            self._moments[sink] = Moments()
        shape = self._graph.nodes[sink].shape
        if sink == self._graph.output:
            self._maps[sink] = InArray(self.result, self._graph.dtype)
        else:
            kind = InFile if sink in self._plan.in_files else InMemory
            self._maps[sink] = kind(shape, self._graph.dtype)


def _moments_of(given, shape):
    """Of an input of the network, row by row."""
    moments = Moments()
    for row in range(shape[0]):
        mean, variance = slab_moments(tf.convert_to_tensor(given.read(row, row + 1)))
        moments.merge(mean.numpy(), variance.numpy(), np.prod(shape[1:-1]))
    return moments

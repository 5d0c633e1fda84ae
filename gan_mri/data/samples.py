"""What training indexes: slices or volumes of one domain, and the domains of a split."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from nibabel.affines import voxel_sizes

from gan_mri.data.images.foreground import Foreground, foreground_mask
from gan_mri.data.images.neighbours import as_channels
from gan_mri.data.images.planes import axes_of
from gan_mri.data.stacks import SampleKey, sample_keys
from gan_mri.errors import GanMriError


class Samples(Sequence):
    """A lazy sequence of the slices, or of the volumes, of one domain.

    Indexing cuts one sample out of the stored array (in memory or in an HDF5
    file) and scales it; nothing is kept.

    Parameters
    ----------
    stacks : list of gan_mri.data.stacks.Stack
    scaling : gan_mri.data.images.scaling.IntensityScaling
    wanted : set of SampleKey, optional
        Show these samples only.
    neighbours : int
        Slices on either side that come with a sample, as channels, see
        `gan_mri.data.images.neighbours`.
    """

    def __init__(self, stacks, scaling, wanted=None, *, neighbours=0):
        self._stacks, self.neighbours = stacks, neighbours
        self._rows = [stack.rows(neighbours) for stack in stacks]
        self._windows = [_window(scaling, stack) for stack in stacks]
        self._scaling = scaling
        self._places = [
            (number, position)
            for number, stack in enumerate(stacks)
            for position, key in enumerate(sample_keys(stack))
            if wanted is None or key in wanted
        ]

    def __len__(self):
        return len(self._places)

    def __getitem__(self, index):
        """float32 `(*spatial, C)` in [-1, 1]; with neighbours `(*spatial, (2 n + 1) C)`."""
        return self.part(index)

    def part(self, index, start=None, size=None):
        """A window of a sample, scaled; only its voxels are read and converted.

        Parameters
        ----------
        index : int
        start, size : tuple of int, optional
            First index and length along every spatial axis; default: all. What
            lies beyond the sample is left out.

        Returns
        -------
        ndarray (*spatial, C) or (*spatial, (2 n + 1) C)
            float32 in [-1, 1].
        """
        number, position = self._places[index]
        window, slices = _window_of(start, size), []
        for row in self._rows[number][position].tolist():
            image = self._scaling.scale(self._stored(number, row, window), self._windows[number])
            slices.append(image if self._stacks[number].channels > 1 else image[..., np.newaxis])
        return as_channels(slices)

    def mask(self, index):
        """Foreground, bool (*spatial), of the sample alone: `gan_mri.data.images.foreground`."""
        number, row = self._place(index)
        stack = self._stacks[number]
        stored = self._stored(number, row)
        return foreground_mask(stored, stack.statistics.threshold, channels=stack.channels)

    def foreground(self, index):
        """`mask`, to be asked voxel by voxel: `foreground(0)[i, j, k]` reads one and no more."""
        number, row = self._place(index)
        stack = self._stacks[number]
        return Foreground(
            lambda place: self._stored(number, row, place),
            stack.statistics.threshold,
            channels=stack.channels,
        )

    def window(self, index):
        """(low, high) in the units of the file: what -1 and 1 stand for."""
        return self._windows[self._places[index][0]]

    def path(self, index):
        """The file that the sample came from."""
        return self._stacks[self._places[index][0]].path

    def shape(self, index):
        """(H, W) or (X, Y, Z)."""
        return self._stacks[self._places[index][0]].size

    def plane(self, index):
        """The plane of a slice, "volume", or None for a picture."""
        return self._stacks[self._places[index][0]].plane

    def spacing(self, index):
        """Edges of a voxel in mm, one for each of `shape`; None for a picture."""
        stack = self._stacks[self._places[index][0]]
        if stack.grid is None:
            return None
        sizes = voxel_sizes(stack.grid.affine)
        return sizes[list(axes_of(stack.plane))]

    def files(self):
        """Pairs of a stack and how many of its samples are here."""
        counts = [0] * len(self._stacks)
        for number, _ in self._places:
            counts[number] += 1
        return [(stack, count) for stack, count in zip(self._stacks, counts) if count]

    def label(self, index):
        """A name for people: "sub-07 ses-01 slice 95"; "sub-07 ses-01"; a picture's file name."""
        number, position = self._places[index]
        stack = self._stacks[number]
        if not stack.is_sliced:
            return str(stack.key)
        plane = f"{stack.plane} " if stack.names_plane else ""
        return f"{stack.key} {plane}slice {stack.numbers[position]}"

    @cached_property
    def keys(self):
        """A `SampleKey` for every sample."""
        keys = [sample_keys(stack) for stack in self._stacks]
        return [keys[s][j] for s, j in self._places]

    @property
    def subjects(self):
        """Sorted names of the subjects that have a sample here."""
        return sorted({key.subject for key in self.keys})

    def _place(self, index):
        """Of a sample the number of its stack, and its row there."""
        number, position = self._places[index]
        return number, int(self._rows[number][position, self.neighbours])

    def _stored(self, number, row, window=()):
        return self._stacks[number].read((row, *window))


class Split:
    """One part of a data set: training, validation or test.

    `split["T2w"]` are the samples of a domain, and so is `split.T2w`.

    Parameters
    ----------
    images : dict of str to Samples
        By domain.
    unpairable : dict of gan_mri.data.stacks.Key to dict of str to int, optional
        Of files that have the same key but lie on different grids: by domain, a number for
        each grid (`gan_mri.data.collection.unpairable`).
    """

    def __init__(self, images, unpairable=None):
        self.images = dict(images)
        self._unpairable = dict(unpairable or {})
        self._matched = {}

    def __getitem__(self, domain):
        return self.images[domain]

    def __getattr__(self, name):
        images = self.__dict__.get("images", {})
        if name in images:
            return images[name]
        raise AttributeError(f"{type(self).__name__!r} has no attribute {name!r}")

    @property
    def domains(self):
        """Names, in their order."""
        return tuple(self.images)

    @property
    def complete(self):
        """Whether every domain has a sample."""
        return all(map(len, self.images.values()))

    @property
    def subjects(self):
        """Sorted names of all subjects."""
        return sorted({name for samples in self.images.values() for name in samples.subjects})

    @property
    def pairs(self):
        """`matched` of all domains."""
        return self.matched(self.domains)

    def anatomies(self, domain):
        """What the samples of a domain show: samples of several domains with equal ones match.

        Parameters
        ----------
        domain : str

        Returns
        -------
        list of (SampleKey, int)
            The key, and which of the grids of its file.
        """
        return [
            (key, self._unpairable.get((key.subject, key.entities), {}).get(domain, 0))
            for key in self.images[domain].keys
        ]

    def matched(self, domains):
        """Samples of several domains with the same key, on the same grid.

        Parameters
        ----------
        domains : sequence of str

        Returns
        -------
        ndarray of int (n, len(domains))
            Indices into the samples of each domain.
        """
        domains = tuple(domains)
        if domains not in self._matched:
            self._matched[domains] = self._match(domains)
        return self._matched[domains]

    def _match(self, domains):
        first, *others = (self.anatomies(name) for name in domains)
        places = [{anatomy: i for i, anatomy in enumerate(found)} for found in others]
        rows = [
            (i, *(place[anatomy] for place in places))
            for i, anatomy in enumerate(first)
            if all(anatomy in place for place in places)
        ]
        return np.array(rows, dtype=int).reshape(-1, len(domains))


def make_split(stacks, scalings, *, unpairable=None, paired=(), neighbours=None):
    """Build a `Split` from the stacks of all domains.

    Parameters
    ----------
    stacks : list of Stack
    scalings : dict of str to IntensityScaling
        By domain, in their order.
    unpairable : dict, optional
        As `Split` takes it.
    paired : sequence of str
        Domains of which a sample is kept only if all the others kept it too.
    neighbours : dict of str to int, optional
        Of domains whose samples come with neighbouring slices.
    """
    of = {name: [stack for stack in stacks if stack.domain == name] for name in scalings}
    wanted = None
    if paired:
        keys = [{key for stack in of[name] for key in sample_keys(stack)} for name in paired]
        wanted = set.intersection(*keys)
    neighbours = neighbours or {}
    images = {
        name: Samples(
            of[name],
            scaling,
            wanted if name in paired else None,
            neighbours=neighbours.get(name, 0),
        )
        for name, scaling in scalings.items()
    }
    return Split(images, unpairable)


def _window_of(start, size):
    if start is None:
        return ()
    return tuple(slice(first, first + length) for first, length in zip(start, size))


def _window(scaling, stack):
    try:
        return scaling.window(stack.statistics)
    except GanMriError as error:
        raise GanMriError(f"{stack.path}: {error}") from error


#: Their names before there were volumes.
SliceKey, Slices = SampleKey, Samples

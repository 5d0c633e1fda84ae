"""Scanners with a name: the same head, T1-weighted, as different hospitals would show it.

A scanner's image is a contrast of the phantom of its own, `T1w-scanner1`: whoever asks for two of
them has *travelling subjects*, the same anatomies scanned twice, in the same place. What differs
is the sequence with its times, the field strength (`field_strength.relaxation`), the point spread
and the slice thickness, the noise and the bias field; the last two are drawn anew for each.

* scanner1: 3 T, MPRAGE as in the Human Connectome Project.
* scanner2: 1.5 T, a spoiled gradient echo with the times of BrainWeb's T1w (SFLASH), thicker
  slices, more noise, a coil that is less even. Gray and white matter are more alike.
* scanner3: 1.5 T, the spin echo of a clinical examination, slices of 5 mm.

The sequences' times are cited from memory; blur, noise and bias field are plausible choices.
"""

from collections.abc import Callable
from dataclasses import dataclass

from .signal import mprage, spin_echo, spoiled_gradient_echo


@dataclass(frozen=True, kw_only=True)
class Scanner:
    """How a hospital takes its T1-weighted images.

    Attributes
    ----------
    name : str
    field_strength : float
        T.
    sequence : callable
        One of `gan_mri.synthetic.brain.signal`.
    timing : dict
        Its keyword arguments: ms, degrees.
    blur : float
        Full width at half maximum of the point spread, mm.
    slice_thickness : float
        mm. Slices are axial; what lies within their thickness is averaged.
    noise, bias_field : float
        Times the arguments of `phantom` that have these names.
    """

    name: str
    field_strength: float
    sequence: Callable
    timing: dict
    blur: float
    slice_thickness: float
    noise: float
    bias_field: float

    @property
    def contrast(self):
        """The name of its images, such as "T1w-scanner1"."""
        return f"T1w-{self.name}"

    def signal(self, t1, t2, t2_star, density):
        """What it measures of tissues with these properties, at its field strength; ms."""
        decay = t2 if self.sequence is spin_echo else t2_star
        return self.sequence(t1, decay, density, **self.timing)


_ALL = (
    Scanner(
        name="scanner1",
        field_strength=3.0,
        sequence=mprage,
        timing=dict(tr=2400.0, ti=1000.0, te=2.14, flip=8.0, spacing=7.6, pulses=160),
        blur=0.9,
        slice_thickness=0.7,
        noise=1.0,
        bias_field=1.0,
    ),
    Scanner(
        name="scanner2",
        field_strength=1.5,
        sequence=spoiled_gradient_echo,
        timing=dict(tr=22.0, te=9.2, flip=30.0),
        blur=1.3,
        slice_thickness=3.0,
        noise=2.0,
        bias_field=2.0,
    ),
    Scanner(
        name="scanner3",
        field_strength=1.5,
        sequence=spin_echo,
        timing=dict(tr=550.0, te=14.0),
        blur=1.1,
        slice_thickness=5.0,
        noise=1.5,
        bias_field=1.5,
    ),
)

#: Contrast to scanner.
SCANNERS = {scanner.contrast: scanner for scanner in _ALL}

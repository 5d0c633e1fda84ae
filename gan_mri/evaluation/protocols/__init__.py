"""Protocols of evaluation by name: each fixes range, mask, window and measures.

A number is worth comparing only with one that was measured in the same way. `welander` is the
first paper's own, image by image; `synthrad`, `brasyn` and `foreground` measure whole volumes,
put together of the translated slices (`gan_mri.evaluation.assembly`).
"""

from gan_mri.errors import GanMriError
from gan_mri.evaluation.protocols.brasyn import BRASYN
from gan_mri.evaluation.protocols.foreground import FOREGROUND
from gan_mri.evaluation.protocols.synthrad import SYNTHRAD
from gan_mri.evaluation.protocols.welander import WELANDER

#: By name.
PROTOCOLS = {one.name: one for one in (WELANDER, BRASYN, SYNTHRAD, FOREGROUND)}


def protocol_named(name):
    """The protocol of a name.

    Parameters
    ----------
    name : str or None

    Returns
    -------
    gan_mri.evaluation.protocols.protocol.Protocol or None
        None for None.

    Raises
    ------
    GanMriError
        For another name.

    Examples
    --------
    >>> protocol_named("synthrad").range[:15]
    'Hounsfield unit'
    """
    if name is None:
        return None
    if not isinstance(name, str) or name not in PROTOCOLS:
        raise GanMriError(f"protocol must be one of {', '.join(PROTOCOLS)}. Received: {name!r}.")
    return PROTOCOLS[name]

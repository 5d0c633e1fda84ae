"""What `config.json` of a run must hold."""

from gan_mri.schemas.kinds import (
    anything,
    by_name,
    fields,
    flag,
    list_of,
    maybe,
    name,
    number,
    one_of,
    text,
    whole,
)
from gan_mri.schemas.parts import (
    ALIGN,
    CHANNELS,
    GEOMETRY,
    PLANE,
    RECIPE,
    SCALING,
    SPACING,
    TASK,
    VIEW,
)
from gan_mri.tasks import KINDS

_SUBJECTS = dict.fromkeys(("train", "validation", "test"), list_of(name))
_COUNTS = dict.fromkeys(("train", "validation", "test"), by_name(whole()))

_DATA = fields(
    {
        "kind": text,
        "source": text,
        "plane": PLANE,
        "slices": maybe(list_of(whole(-(2**31), 2**31), 2, 2)),
        "paired": flag,
        "contrasts": list_of(name, 1),
        "channels": CHANNELS,
        "scaling": by_name(SCALING),
        "subjects": fields(_SUBJECTS),
        "counts": fields(_COUNTS),
    },
    {
        "domains": list_of(name, 1),
        "spacing": SPACING,
        "align": ALIGN,
        "fingerprint": by_name(text),
    },
)

_TERM = fields(
    {"kind": one_of(*KINDS)}, {"weight": number(), "direction": maybe(name)}, others=False
)

_CONFIG = fields(
    {
        "format": one_of(1, 2),
        "recipe": RECIPE,
        "settings": fields({"epochs": whole()}),
        "arguments": fields({"image_size": maybe(list_of(whole(1, 2**20), 2, 3))}),
        "data": _DATA,
        "geometry": GEOMETRY,
    },
    {
        # Not of the first format.
        "task": TASK,
        "view": VIEW,
        "terms": by_name(_TERM),
        "precision": one_of("float32", "float64", "bfloat16", "float16"),
        "replicas": whole(1),
        "global_batch_size": whole(1),
        "steps_per_epoch": maybe(whole(1)),
        "seed": whole(),
        "versions": by_name(text),
        "resumed": list_of(anything),
    },
)


def config(value, place):
    """The kind of a `config.json`, of either format."""
    _CONFIG(value, place)
    data, place = value["data"], (*place, "data")
    domains = value["task"]["domains"] if "task" in value else ["A", "B"]
    fields(dict.fromkeys(domains, SCALING))(data["scaling"], (*place, "scaling"))
    list_of(name, len(domains), len(domains))(data["contrasts"], (*place, "contrasts"))

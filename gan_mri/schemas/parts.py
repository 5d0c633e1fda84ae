"""The parts that several of our files share: scaling, view and task."""

from gan_mri.data.images.planes import PLANE_CHOICES
from gan_mri.schemas.kinds import (
    and_also,
    fields,
    list_of,
    matching,
    maybe,
    name,
    number,
    one_of,
    whole,
)

#: Sides of images, in voxels: more than any scanner has, and no size that overflows.
_SIDE = whole(1, 2**20)

#: The name of a recipe: "welander/cyclegan".
RECIPE = matching(r"\w[\w.-]*(/\w[\w.-]*)?", "the name of a recipe")

CHANNELS = one_of(1, 3)

ALIGN = one_of("none", "headers")

_WINDOW = and_also(
    list_of(number(), 2, 2), lambda window: window[0] < window[1], "a lower and a higher number"
)

#: Of `gan_mri.data.images.scaling.IntensityScaling.to_config`, fitted.
SCALING = fields(
    {
        "method": one_of("uint8", "uint16", "window", "percentile", "volume", "zscore"),
        "typical": _WINDOW,
    },
    {"deviations": number(above=0)},
)

#: Of `gan_mri.data.images.geometry.Geometry.to_config`.
GEOMETRY = fields({"size": list_of(_SIDE, 2, 3), "fit": one_of("resize", "crop")})

PLANE = maybe(one_of(*PLANE_CHOICES))

SPACING = maybe(
    and_also(
        list_of(number(), 3, 3),
        lambda spacing: all(0 <= size < 1000 for size in spacing) and any(spacing),
        "three sizes of a voxel in mm",
    )
)

#: Of `gan_mri.data.images.sampling.Sampling.to_config`.
SAMPLING = fields({"plane": one_of(*PLANE_CHOICES), "spacing": SPACING})

#: Of `gan_mri.data.images.view.View.to_config`.
VIEW = and_also(
    fields({"plane": PLANE, "spacing": SPACING, "geometry": GEOMETRY}),
    lambda view: (view["plane"] == "volume") == (len(view["geometry"]["size"]) == 3),
    "a view with three sizes for volumes, and two for slices",
)

NEIGHBOURS = whole(0, 1000)

#: How many random numbers an image may be made of.
NOISE = whole(0, 2**20)

_DIRECTION = fields({"name": name, "sources": list_of(name), "target": name}, {"noise": NOISE})


def _names_its_domains(task):
    named = {*task["paired"]}
    for direction in task["directions"]:
        named |= {*direction["sources"], direction["target"]}
    return named <= set(task["domains"])


#: Of `gan_mri.tasks.Task.to_config`.
TASK = and_also(
    fields(
        {
            "domains": list_of(name, 1),
            "directions": list_of(_DIRECTION, 1),
            "paired": list_of(name),
        },
        {"neighbours": NEIGHBOURS},
    ),
    _names_its_domains,
    "a task whose directions are between its domains",
)

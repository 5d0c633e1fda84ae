"""What the card of an exported model must hold."""

from gan_mri.schemas import parts
from gan_mri.schemas.kinds import (
    and_also,
    anything,
    by_name,
    fields,
    flag,
    list_of,
    matching,
    maybe,
    name,
    number,
    whole,
)
from gan_mri.tasks import NOISE

_ABOUT = {
    "recipe": parts.RECIPE,
    "settings": anything,
    "contrasts": list_of(name, 1),
    "step": maybe(whole()),
    "versions": anything,
    "takes_reference": flag,
}

_RANGE = and_also(
    list_of(number(), 2, 2), lambda ends: ends[0] <= ends[1], "a lowest and a highest number"
)

_SLICES = and_also(
    list_of(whole(), 2, 2), lambda ends: ends[0] < ends[1], "a first slice and one after the last"
)

# Of `gan_mri.trust.checks.ranges.trained_on`; None in a card that knows none.
_TRAINED_ON = maybe(
    fields({"files": whole(1), "quantities": by_name(_RANGE, key=name)}, {"slices": maybe(_SLICES)})
)

_INPUT = fields(
    {"domain": name, "contrast": name, "scaling": parts.SCALING},
    {"neighbours": parts.NEIGHBOURS, "optional": flag, "trained_on": _TRAINED_ON},
)

_CARD = fields(
    {
        "direction": name,
        "inputs": by_name(_INPUT, key=name),
        "target": name,
        "target_domain": name,
        "target_scaling": parts.SCALING,
        "channels": parts.CHANNELS,
        "view": parts.VIEW,
        "align": parts.ALIGN,
    },
    _ABOUT
    | {
        NOISE: parts.NOISE,
        "labels": maybe(list_of(number(), 1)),
        "target_trained_on": _TRAINED_ON,
    },
)

_CARD_OF_FORMAT_1 = fields(
    {
        "direction": matching("[AB]2[AB]", "A2B or B2A"),
        "source": name,
        "target": name,
        "source_scaling": parts.SCALING,
        "target_scaling": parts.SCALING,
        "channels": parts.CHANNELS,
        "plane": parts.PLANE,
        "geometry": parts.GEOMETRY,
    },
    _ABOUT,
)


def is_of_format_1(content):
    """Whether a card is in the words of the first format."""
    return "inputs" not in content and "source_scaling" in content


def card_of_any_format(content, place):
    """The kind of a card."""
    (_CARD_OF_FORMAT_1 if is_of_format_1(content) else _CARD)(content, place)

"""The card of an exported model: what it translates, and how images come to it and back."""

from pathlib import Path

from gan_mri.data.images.scaling import IntensityScaling
from gan_mri.data.images.view import View
from gan_mri.errors import GanMriError
from gan_mri.files import read_json
from gan_mri.inference.card_schema import card_of_any_format, is_of_format_1
from gan_mri.inference.labels import few_values
from gan_mri.schemas.kinds import check
from gan_mri.tasks import NOISE, Direction
from gan_mri.trust.checks.ranges import trained_on

#: TensorFlow leaves this folder of a SavedModel to the application.
CARD = Path("assets.extra") / "gan_mri.json"

_WHAT = "the card of a model that gan_mri exported"


def make_card(direction, data, geometry, *, optional=False, ranges=None, **more):
    """The card of one direction of a run.

    Parameters
    ----------
    direction : gan_mri.tasks.Direction
    data : gan_mri.data.TranslationData
    geometry : gan_mri.data.images.geometry.Geometry
    optional : bool
        Of several sources all but one may be missing, see `gan_mri.recipes.recipe.Recipe`.
    ranges : dict of str to dict, optional
        By domain, what is measured on its training files, see `ranges_of`.
    **more
        JSON-able: recipe, settings, step, versions, ...

    Returns
    -------
    dict
        "inputs": for every input of the network its domain, contrast, scaling, neighbours
        (slices on either side that it takes as channels) and optional (whether it may be
        missing: background, -1 everywhere, takes its place), and trained_on, of `ranges`;
        "target", "target_domain", "target_scaling", "target_trained_on"; "view"; where the
        image is made of noise, "noise" (how many random numbers) and "labels" (see
        `few_values`); and `more`.
    """
    contrasts, ranges = data.contrast_of, ranges or {}
    # By the names that the network's inputs have.
    named = direction.inputs({domain: domain for domain in (*data.domains, NOISE)})
    if direction.noise:
        named.pop(NOISE)
        samples = data.train[direction.target]
        more |= {NOISE: direction.noise, "labels": few_values(samples)}
    return more | {
        "direction": direction.name,
        "inputs": {
            name: {
                "domain": domain,
                "contrast": contrasts[domain],
                "scaling": data.scaling[domain].to_config(),
                "neighbours": data.train[domain].neighbours,
                "optional": optional and len(direction.sources) > 1,
                "trained_on": ranges.get(domain),
            }
            for name, domain in named.items()
        },
        "target": contrasts[direction.target],
        "target_domain": direction.target,
        "target_scaling": data.scaling[direction.target].to_config(),
        "target_trained_on": ranges.get(direction.target),
        "channels": data.channels,
        "view": View.of(data, geometry).to_config(),
        "align": data.record["align"],
    }


def ranges_of(data, geometry):
    """What is measured on the training files of every domain, for `make_card`.

    Parameters
    ----------
    data : gan_mri.data.TranslationData
    geometry : gan_mri.data.images.geometry.Geometry

    Returns
    -------
    dict of str to dict
        By domain, see `gan_mri.trust.checks.ranges.trained_on`.
    """
    slices = data.record["slices"]
    return {
        domain: trained_on(data.train[domain], data.scaling[domain], geometry, slices)
        for domain in data.domains
    }


class Card:
    """A card that was read: checked, and in today's words.

    Parameters
    ----------
    content : dict
        Of the file.
    path : str or Path
        For messages.

    Attributes
    ----------
    content : dict
    direction : gan_mri.tasks.Direction
    inputs : dict of str to str
        Input of the network to the contrast that it takes.
    contrasts : dict of str to str
        Domain to contrast, of the sources and the target.
    channels : int
        Of an image of the target, and of one slice of an input.
    neighbours : dict of str to int
        By input: slices on either side that it takes as channels, `(2 n + 1) * channels` in all.
    optional : set of str
        Inputs of which all but one may be missing.
    view : gan_mri.data.images.view.View
    scalings : dict of str to IntensityScaling
        By input.
    target_scaling : IntensityScaling
    trained_on : dict of str to dict or None
        By input, what was measured on training files, see `gan_mri.trust.checks.ranges`; None in
        cards of older versions.
    target_trained_on : dict or None
        The same of the target.
    align : str

    Raises
    ------
    GanMriError
        If something is missing or of another kind.
    """

    def __init__(self, content, path):
        check(content, card_of_any_format, path, _WHAT)
        self.content = _upgraded(content)
        inputs = self.content["inputs"]
        try:
            self.view = View.from_config(self.content["view"])
        except GanMriError as error:  # of what is no matter of structure
            raise GanMriError(f"{path}: expected {_WHAT}. Received another: {error}") from error
        self.direction = Direction(
            self.content["direction"],
            tuple(one["domain"] for one in inputs.values()),
            self.content["target_domain"],
            self.content.get(NOISE, 0),
        )
        self.inputs = {name: one["contrast"] for name, one in inputs.items()}
        self.contrasts = {one["domain"]: one["contrast"] for one in inputs.values()}
        self.contrasts[self.direction.target] = self.content["target"]
        self.channels = self.content["channels"]
        self.neighbours = {name: one.get("neighbours", 0) for name, one in inputs.items()}
        self.optional = {name for name, one in inputs.items() if one.get("optional", False)}
        self.scalings = {
            name: IntensityScaling.from_config(one["scaling"]) for name, one in inputs.items()
        }
        self.target_scaling = IntensityScaling.from_config(self.content["target_scaling"])
        self.trained_on = {name: one.get("trained_on") for name, one in inputs.items()}
        self.target_trained_on = self.content.get("target_trained_on")
        self.align = self.content["align"]

    @classmethod
    def read(cls, folder):
        """The card in the folder of an exported model."""
        path = Path(folder) / CARD
        return cls(read_json(path), path)


def _upgraded(content):
    """The card of an older format in today's words."""
    if not is_of_format_1(content):
        return content
    source, target = content["direction"].split("2")
    image = {
        "domain": source,
        "contrast": content["source"],
        "scaling": content["source_scaling"],
    }
    plane = content["plane"]
    view = {"plane": plane, "spacing": None, "geometry": content["geometry"]}
    return content | {
        "inputs": {"image": image},
        "target_domain": target,
        "view": view,
        "align": "none",
    }

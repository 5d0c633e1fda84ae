"""Published models: a folder with a card, checksums, and a packed model for each direction."""

import os
import sysconfig
from pathlib import Path

import gan_mri
from gan_mri.errors import GanMriError
from gan_mri.files import read_json
from gan_mri.inference.card import Card
from gan_mri.publishing.checksums import SUMS, check_checksums
from gan_mri.schemas.kinds import check, fields, list_of, name, one_of, text

ABOUT, FORMAT = "model.json", 1
README, PICTURE = "README.md", "translations.png"

#: Where an installed package has the models that are shipped with it, under the prefix.
INSTALLED = Path("share") / "gan_mri" / "weights"

_ABOUT = fields(
    {"format": one_of(FORMAT), "title": text, "directions": list_of(name, 1), "license": text}
)


class Published:
    """A published model.

    Parameters
    ----------
    folder : str or Path

    Attributes
    ----------
    folder : Path
    title, license : str
    directions : list of str
        Each a folder in it, the one that is meant where nobody says another first.

    Raises
    ------
    GanMriError
        If it is none, or was changed since it was published.
    """

    def __init__(self, folder):
        self.folder = Path(folder)
        about = read_json(self.folder / ABOUT)
        check(about, _ABOUT, self.folder / ABOUT, "what gan_mri.publish wrote")
        check_checksums(self.folder)
        self.title, self.license = about["title"], about["license"]
        self.directions = about["directions"]

    def model(self, direction=None, target=None):
        """The folder of one direction.

        Parameters
        ----------
        direction : str, optional
        target : str, optional
            A contrast or domain to make.

        Returns
        -------
        Path

        Raises
        ------
        GanMriError
            If it has none such.
        """
        if direction is not None and direction not in self.directions:
            raise GanMriError(
                f"direction: expected {' or '.join(self.directions)}, which {self.folder} has. "
                f"Received: {direction!r}."
            )
        made = {}
        for one in self.directions:
            card = Card.read(self.folder / one)
            if target in (None, card.content["target"], card.direction.target) and (
                direction in (None, one)
            ):
                return self.folder / one
            made[card.content["target"]] = one
        raise GanMriError(
            f"target: expected {' or '.join(made)}, which {self.folder} makes. Received: "
            f"{target!r}" + (f" with direction {direction}." if direction else ".")
        )


def is_published(folder):
    """Whether a folder is a published model."""
    # os.path: a name that is too long does not exist, rather than being an error.
    return all(os.path.isfile(os.path.join(folder, file)) for file in (ABOUT, SUMS))


def shipped():
    """The models that are shipped with the code, or lie beside it.

    Returns
    -------
    dict of str to Path
        Folders by name; those of a checkout's `weights/` before installed ones.
    """
    found = {}
    for place in _places():
        if place.is_dir():
            for folder in sorted(place.iterdir()):
                if is_published(folder):
                    found.setdefault(folder.name, folder)
    return found


def _places():
    checkout = Path(gan_mri.__file__).resolve().parent.parent / "weights"
    return [checkout, Path(sysconfig.get_path("data")) / INSTALLED]


def place_of(model):
    """The path of a model, or that of the shipped one of this name.

    Parameters
    ----------
    model : str or Path

    Returns
    -------
    Path
        `model` itself, unless nothing is there and a shipped one is called so.
    """
    if os.path.lexists(model) or Path(model).name != str(model):
        return Path(model)
    return shipped().get(str(model), Path(model))


def list_of_shipped():
    """The shipped models for people, a line each."""
    found = {name: Published(folder) for name, folder in shipped().items()}
    if not found:
        return "No trained weights are shipped with this copy."
    width = max(map(len, found))
    return "\n".join(f"{name:{width}}  {one.title} ({one.license})" for name, one in found.items())

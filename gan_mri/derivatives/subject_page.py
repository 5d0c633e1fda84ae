"""One page a subject: planes of every source and of what was made of it, to be looked at."""

import tempfile
from pathlib import Path

import numpy as np
from nibabel.affines import voxel_sizes

from gan_mri.data.files.readers import read_image
from gan_mri.data.images.grid import canonical_grid
from gan_mri.data.images.planes import to_stack
from gan_mri.derivatives.dataset import sidecar_path
from gan_mri.derivatives.names import deviation_of
from gan_mri.files import read_json
from gan_mri.reporting.page import Paragraph, Picture, Section, Table, write_page
from gan_mri.reporting.planes import as_picture
from gan_mri.reporting.sheets import sample_sheet

#: Grey of a picture: from the image's 0.5th percentile to its 99.9th.
_GREY = (0.5, 99.9)


def write_subject_page(path, subject, images):
    """Write the page of a subject.

    Parameters
    ----------
    path : Path
        The HTML file; an older one is replaced.
    subject : str
    images : list of (Path, dict of str to Path)
        Every derived image, with its JSON file beside it, and its sources by contrast.

    Raises
    ------
    GanMriError
        If a file cannot be read.
    """
    sections = []
    with tempfile.TemporaryDirectory() as folder:
        for number, (image, sources) in enumerate(images):
            facts = read_json(sidecar_path(image))
            sheet = Path(folder) / f"{number}.png"
            columns = {f"{contrast}, source": source for contrast, source in sources.items()}
            columns[f"{facts['Target']}, synthetic"] = image
            if deviation_of(image).exists():
                columns["standard deviation"] = deviation_of(image)
            pictures = [_planes(one) for one in columns.values()]
            sample_sheet(sheet, columns, [("", pictures)], planes=3)
            sections.append(_section(image, facts, sheet))
        write_page(
            path,
            f"{subject}: synthetic images",
            sections,
            lead="A network paints what images of the contrast usually look like: it can remove a "
            "lesion, or invent one. Compare with the source. Not for diagnosis.",
        )


def _section(image, facts, sheet):
    model = facts["Model"]
    rows = [
        ("sources", ", ".join(facts["Sources"])),
        ("model", f"{model['Recipe']}, {model['Direction']}, step {model['Step']}"),
        ("SHA-256 of the model", model["SHA256"]),
        ("intensities", "{:g} to {:g}".format(*facts["IntensityRange"])),
    ]
    blocks = [Table(("", ""), tuple(rows))]
    blocks += [Paragraph(f"Warning: {text}") for text in facts["Warnings"]]
    caption = "Axial, coronal and sagittal planes through the middle, each image in its own grey"
    return Section(image.name, (*blocks, Picture(sheet, caption)))


def _planes(path):
    """The three planes through the middle of a volume, in grey of its own."""
    image = read_image(path)
    volume = to_stack(image.array, image.affine, "volume")[0]
    low, high = np.percentile(volume, _GREY)
    grey = (volume.astype(np.float32) - low) / max(high - low, 1e-12) * 2 - 1
    grid = canonical_grid(image.array.shape[:3], image.affine)
    spacing = [float(size) for size in voxel_sizes(grid.affine)]
    return as_picture(grey if image.channels > 1 else grey[..., np.newaxis], 3, spacing)

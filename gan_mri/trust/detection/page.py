"""The page of the detection, for people who read images and no code."""

from gan_mri.reporting.page import Listing, Paragraph, Picture, Section, Table, Value, write_page
from gan_mri.trust.detection.pictures import MOST_SHOWN, WHITE

#: Rows of a table on the page; all of them are in the CSV file.
_MOST_ROWS = 200
NOT_FOR_DIAGNOSIS = (
    "Not for diagnosis. A difference map shows where an image differs from what a computer program "
    "made in its place. A lesion is one reason for that; others are an unusual but healthy "
    "anatomy, another scanner, motion, and errors of the program, which are often the larger part. "
    "A dark place in a map does not say that nothing is there."
)
_MAPS = {
    "cycle": "{source} against the same image translated to {target} and back",
    "target": "real {target} against {target} made from {sources}",
}
_READ = {
    "absolute": "different, whichever way",
    "brighter": "the real image is brighter than the synthetic one",
    "darker": "the real image is darker than the synthetic one",
}


def write_detection_page(path, report, pictures):
    """Write `index.html`.

    Parameters
    ----------
    path : Path
    report : dict
        The content of `summary.json`, with the rows of detection.csv as "rows".
    pictures : dict of str to Path or None
        "maps", "curves".

    Returns
    -------
    Path
    """
    sections = [Section("At a glance", tuple(_glance(report)))]
    if pictures["curves"] is not None:
        caption = (
            "How many voxels of the lesions are found (up), at the price of how many others (to "
            "the right), as the threshold on the absolute difference falls; a line a subject."
        )
        sections.append(Section("ROC curves", (Picture(pictures["curves"], caption),)))
    caption = (
        f"Images and maps of {'the first ' if len(report['subjects']) > MOST_SHOWN else ''}"
        f"subjects, an axial plane, the patient's left on the left. Differences from 0 (black) to "
        f"{WHITE / 2:.0%} of the range of gray and more (white). Yellow: around the mask of "
        "lesions, where there is one."
    )
    sections.append(Section("Pictures", (Picture(pictures["maps"], caption),)))
    if report["rows"]:
        sections.append(_every(report))
    sections.append(_how(report))
    title = f"Difference maps: {' and '.join(report['sources'])} and synthetic {report['target']}"
    return write_page(path, title, sections, lead=NOT_FOR_DIAGNOSIS)


def _glance(report):
    count = len(report["subjects"])
    words = {
        "source": report["sources"][0],
        "sources": " and ".join(report["sources"]),
        "target": report["target"],
    }
    yield Paragraph(f"Maps of {count} {'subject or session' if count == 1 else 'subjects'}:")
    yield Listing(tuple(f"{name}: {_MAPS[name].format(**words)}" for name in report["maps"]))
    if report["rows"]:
        yield Paragraph(
            "The masks say where lesions are. AUC is the chance that a voxel of a lesion has a "
            "larger score than another voxel of the head: 1 is perfect, 0.5 is chance. Dice "
            "is the overlap of what is above the best threshold with the mask, 1 at most; best, "
            "because the threshold was chosen with the mask in hand."
        )
        yield Table(
            ("map", "score", "subjects", "AUC", "best Dice", "Dice of marking all"),
            tuple(
                (
                    one["map"],
                    _READ[one["score"]],
                    one["subjects"],
                    *(Value(f"{one[name]:.3f}") for name in ("auc", "dice", "dice_of_all")),
                )
                for one in report["mean"]
            ),
            "Mean over subjects with lesions",
        )
    else:
        yield Paragraph("No mask marks a lesion here, so nobody can say how good the maps are.")
    if report["trained_on"]:
        yield Paragraph(
            f"Warning: the model was trained on {', '.join(report['trained_on'])}. What is "
            "reported of these subjects says nothing about new ones."
        )
    if report["trained_with_lesions"]:
        yield Paragraph(
            f"Warning: the masks mark lesions in {', '.join(report['trained_with_lesions'])}, on "
            "whom the model was trained. It may have learned that lesions are normal, and "
            "draw them where they are; a model for this purpose is trained on healthy people."
        )


def _every(report):
    rows = tuple(
        (
            row["subject"],
            row["map"],
            row["score"],
            row["lesion_voxels"],
            *(Value(f"{row[name]:.3f}") for name in ("auc", "dice", "threshold")),
        )
        for row in report["rows"][:_MOST_ROWS]
    )
    header = ("subject", "map", "score", "voxels of lesions", "AUC", "best Dice", "threshold")
    blocks = (Table(header, rows), Paragraph("With every digit in detection.csv."))
    return Section("Every subject", blocks)


def _how(report):
    width = report["options"]["smooth"]
    smoothed = (
        f"averaged over the head by a Gaussian with a standard deviation of {width:g} mm"
        if width
        else "not smoothed"
    )
    return Section(
        "How it was measured",
        (
            Listing(
                (
                    "Gray values: each image from -1 to 1 by the window of its contrast, as the "
                    "model was trained.",
                    f"Signed map: the real minus the synthetic image, {smoothed}; absolute map: "
                    "its size. Both are in the folder maps, as NIfTI on the grid of the source.",
                    "Cycle: the source is translated, and the result translated back, by the same "
                    "model. No second image and no registration is needed.",
                    "AUC and Dice: over all voxels of the head (the largest part of the "
                    "foreground, with what it encloses), scalp and skull included.",
                )
            ),
            Table(
                ("", "of this page"),
                (
                    ("model", report["run"]),
                    ("direction", report["direction"]),
                    ("images", report["data"]),
                    ("masks", report["masks"] or "none"),
                    ("files brought to one grid", report["options"]["align"]),
                    ("gan_mri", report["versions"]["gan_mri"]),
                ),
            ),
        ),
    )

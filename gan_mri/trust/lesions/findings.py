"""From subjects to the rows of the report: lesions, invented places, and their sums."""

from typing import NamedTuple

from gan_mri.trust.lesions.components import components
from gan_mri.trust.lesions.contrast import VERDICTS, differences
from gan_mri.trust.lesions.invented import invented

#: Columns of lesions.csv.
LESION_COLUMNS = (
    "subject",
    "number",
    "voxels",
    "volume_ml",
    "x_mm",
    "y_mm",
    "z_mm",
    "contrast_real",
    "contrast_synthetic",
    "share",
    "verdict",
)
#: Columns of invented.csv.
INVENTED_COLUMNS = (
    "subject",
    "number",
    "voxels",
    "volume_ml",
    "x_mm",
    "y_mm",
    "z_mm",
    "difference",
)


class Found(NamedTuple):
    """A row of a table, and where it is in the volume.

    Attributes
    ----------
    row : dict
        By the columns of its table.
    component : gan_mri.trust.lesions.components.Component
    """

    row: dict
    component: object


def lesions_of(case, real, least_voxels):
    """The lesions of a subject.

    Parameters
    ----------
    case : gan_mri.trust.lesions.cases.ReportCase
    real : gan_mri.trust.lesions.volumes.Real
    least_voxels : int

    Returns
    -------
    list of gan_mri.trust.lesions.components.Component
    """
    return components(real.lesions, real.grid.affine, least=least_voxels)


def real_differences(real, lesions, thresholds):
    """What the lesions of a subject that are seen stand out by in the real image, in [-1, 1]."""
    found = (differences(one, [real.truth], real.lesions, real.head, real.sizes) for one in lesions)
    return [
        one.values[0]
        for one in found
        if one is not None and abs(one.contrasts[0]) >= thresholds.seen
    ]


def lesion_rows(case, real, synthetic, lesions, thresholds):
    """What became of every lesion of a subject.

    Returns
    -------
    list of Found
    """
    rows = []
    for one in lesions:
        found = differences(one, [real.truth, synthetic], real.lesions, real.head, real.sizes)
        first, second = (None, None) if found is None else found.contrasts
        verdict = thresholds.verdict(first, second)
        measured = {
            "contrast_real": first,
            "contrast_synthetic": second,
            "share": None if verdict == "unseen" else second / first,
            "verdict": verdict,
        }
        rows.append(Found(_place(case, one) | measured, one))
    return rows


def invented_rows(case, real, synthetic, typical, least_volume):
    """The places of a subject that look like lesions in the translation alone.

    Parameters
    ----------
    typical : float or None
        None: no lesion is seen in any real image, so that nobody knows what looks like one.
    least_volume : float
        mm3.

    Returns
    -------
    list of Found
    """
    if typical is None:
        return []
    places = invented(
        synthetic,
        real.truth,
        real.lesions,
        real.head,
        real.grid.affine,
        real.sizes,
        typical=typical,
        least_volume=least_volume,
    )
    return [Found(_place(case, one) | {"difference": value}, one) for one, value in places]


def _place(case, one):
    x, y, z = one.center
    return {
        "subject": case.label,
        "number": one.number,
        "voxels": one.voxels,
        "volume_ml": one.volume,
        "x_mm": x,
        "y_mm": y,
        "z_mm": z,
    }


def subject_rows(cases, lesions, places, *, known):
    """Counts and volumes of every subject.

    Parameters
    ----------
    cases : list of gan_mri.trust.lesions.cases.ReportCase
    lesions, places : list of dict
        Rows of all subjects.
    known : bool
        Whether it is known what an invented lesion would look like.

    Returns
    -------
    list of dict
        subject, lesions, one count for each verdict, lesion_ml, invented, invented_ml; the last
        two are None if not known.
    """
    rows = []
    for case in cases:
        mine = [row for row in lesions if row["subject"] == case.label]
        theirs = [row for row in places if row["subject"] == case.label]
        rows.append({"subject": case.label, **totals(mine, theirs, known=known)})
    return rows


def totals(lesions, places, *, known):
    """Counts and volumes of some rows, see `subject_rows`."""
    counts = {name: sum(row["verdict"] == name for row in lesions) for name in VERDICTS}
    return {
        "lesions": len(lesions),
        **counts,
        "lesion_ml": float(sum(row["volume_ml"] for row in lesions)),
        "invented": len(places) if known else None,
        "invented_ml": float(sum(row["volume_ml"] for row in places)) if known else None,
    }

"""The report: every subject read, translated, measured; tables, pictures and the page."""

from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from gan_mri.files import write_json
from gan_mri.inference.passes import Pass
from gan_mri.reporting.tables import format_table, write_csv_table
from gan_mri.runs.run import versions
from gan_mri.trust.lesions.contrast import VERDICTS
from gan_mri.trust.lesions.findings import (
    INVENTED_COLUMNS,
    LESION_COLUMNS,
    invented_rows,
    lesion_rows,
    lesions_of,
    real_differences,
    subject_rows,
    totals,
)
from gan_mri.trust.lesions.invented import typical_difference
from gan_mri.trust.lesions.page import write_report_page
from gan_mri.trust.lesions.pictures import INVENTED_LINE, LESION_LINE, Gallery, contrast_figure
from gan_mri.trust.lesions.volumes import read_real, translated


@dataclass(frozen=True)
class LesionReport:
    """What `gan_mri.lesions` found.

    Attributes
    ----------
    folder : Path
        Where the files are; `index.html` is the page.
    lesions, invented : list of dict
        The rows of lesions.csv and invented.csv.
    summary : dict
        The content of summary.json: "total" and "per_subject" have the counts and volumes.
    """

    folder: Path
    lesions: list
    invented: list
    summary: dict

    def table(self):
        """Counts and volumes of every subject as text for a terminal."""
        names = ("lesions", *VERDICTS, "lesion_ml", "invented", "invented_ml")
        rows = [
            [row["subject"], *(row[name] for name in names)] for row in self.summary["per_subject"]
        ]
        header = ["subject", *(name.replace("_ml", " / mL") for name in names)]
        return format_table(header, rows, precision=2)


def measure_and_write(
    folder, cases, translator, *, record, thresholds, min_voxels, min_volume, align, batch_size,
    progress,
):  # fmt: skip
    """Measure all subjects and write the report.

    Parameters
    ----------
    folder : Path
        Exists, empty.
    cases : list of gan_mri.trust.lesions.cases.ReportCase
    translator : gan_mri.inference.translator.Translator
    record : dict
        What else `summary.json` holds.
    thresholds : gan_mri.trust.lesions.contrast.Thresholds
    min_voxels : int
        Of a lesion.
    min_volume : float
        mm3 of an invented place.
    align : {"none", "headers"}
    batch_size : int
    progress : bool

    Returns
    -------
    (list of dict, list of dict, dict)
        Lesions, invented places, and the summary.
    """
    card = translator.card
    seen = []
    # What lesions look like is known before anything is called invented, from all subjects.
    for case in tqdm(cases, desc="masks", disable=not progress, dynamic_ncols=True):
        real = read_real(case, card, align)
        seen += real_differences(real, lesions_of(case, real, min_voxels), thresholds)
    typical = typical_difference(seen)
    gallery = Gallery(cases[0].sources, card.content["target"])
    translates, rows, places = Pass(translator), [], []
    for case in tqdm(cases, desc="subjects", disable=not progress, dynamic_ncols=True):
        real = read_real(case, card, align)
        synthetic = translated(case, translator, translates, batch_size=batch_size)
        lesions = lesions_of(case, real, min_voxels)
        for found in lesion_rows(case, real, synthetic, lesions, thresholds):
            rows.append(found.row)
            gallery.offer(found.row["verdict"], found, real, synthetic, real.lesions, LESION_LINE)
        for found in invented_rows(case, real, synthetic, typical, min_volume):
            places.append(found.row)
            place = real.lesions & False
            place[found.component.box] = found.component.inside
            gallery.offer("invented", found, real, synthetic, place, INVENTED_LINE)
    known = typical is not None
    summary = record | {
        "total": totals(rows, places, known=known),
        "per_subject": subject_rows(cases, rows, places, known=known),
        "typical_difference": typical,
        "versions": versions(),
    }
    _write(folder, rows, places, summary, gallery, thresholds)
    return rows, places, summary


def _write(folder, rows, places, summary, gallery, thresholds):
    for name, columns, table in (
        ("lesions.csv", LESION_COLUMNS, rows),
        ("invented.csv", INVENTED_COLUMNS, places),
    ):
        write_csv_table(folder / name, columns, [[row[key] for key in columns] for row in table])
    write_json(folder / "summary.json", summary)
    pictures = {
        kind: gallery.draw(kind, folder / f"{kind}.png") for kind in (*VERDICTS, "invented")
    }
    pictures["contrasts"] = contrast_figure(folder / "contrasts.png", rows, thresholds)
    page = summary | {"rows": rows, "places": places}
    write_report_page(folder / "index.html", page, pictures)

"""The page of an evaluation under a protocol: `index.html` beside its tables."""

from gan_mri.evaluation.comparison_page import FIGURE_CAPTIONS
from gan_mri.evaluation.comparison_tables import difference_section, result_section
from gan_mri.evaluation.measures import METRICS
from gan_mri.reporting.page import Paragraph, Picture, Section, Table, write_page


def write_protocol_page(evaluation):
    """Write what was measured, how, and the figures.

    Parameters
    ----------
    evaluation : gan_mri.evaluation.report.Evaluation
        With a protocol.

    Returns
    -------
    Path
    """
    protocol = evaluation.protocol
    record = protocol.to_record() | {"metrics": ", ".join(METRICS[m][0] for m in protocol.metrics)}
    how = tuple((word, str(text)) for word, text in record.items())
    measures = [(METRICS[name][0], text) for name, text in protocol.metrics.items()]
    pictures = tuple(
        Picture(path, f"{FIGURE_CAPTIONS.get(name, name)} ({path.name})")
        for name, path in evaluation.figures.items()
    )
    sections = [
        Section("Protocol", (Table(("", "as it was measured"), how),)),
        result_section(evaluation),
        difference_section(evaluation),
        Section("Figures", pictures),
        Section(
            "Measures",
            (
                Table(("measure", "how it is measured"), tuple(measures)),
                Paragraph(
                    "Numbers: per_image.csv (one row for every image or volume that was measured), "
                    "per_subject.csv, summary.csv, wilcoxon.csv; all settings: summary.json."
                ),
            ),
        ),
    ]
    title = f"{', '.join(evaluation.methods)}: protocol {protocol.name}"
    return write_page(evaluation.folder / "index.html", title, sections, lead=protocol.source)

"""The page of a comparison: every method of a paper, side by side."""

from gan_mri.evaluation.comparison_findings import findings_section
from gan_mri.evaluation.comparison_setup import cost, setup_section
from gan_mri.evaluation.comparison_tables import difference_section, result_section
from gan_mri.evaluation.measures import METRICS
from gan_mri.evaluation.report import FIGURES
from gan_mri.reporting.page import Paragraph, Picture, Section, Table, write_page
from gan_mri.reporting.tables import write_csv_table

#: Name of a figure to what it shows.
FIGURE_CAPTIONS = {
    "figure1_mae": "Mean absolute error after z-scoring, as Figure 1 a of Welander et al. 2018",
    "figure1_psnr": "Peak signal-to-noise ratio after z-scoring, as Figure 1 b of Welander et "
    "al. 2018",
    "figure1_mi": "Mutual information after z-scoring, as Figure 1 c of Welander et al. 2018",
    "figure2": "Synthetic images and their relative absolute difference from the real ones, as "
    "Figure 2 of Welander et al. 2018",
    "intensity_histograms": "Intensities of synthetic and of real images",
    "curves": "Held-out measures during training",
    "cycle": "There and back: real, translated, translated back",
    "translations": "Real images, and what is made of them",
    **{
        name: f"{METRICS[name.removeprefix('bars_')][0]} of the methods, under a protocol"
        for name in FIGURES
        if name.startswith("bars_")
    },
}


def paper_sections(folder, paper, runs, evaluation, *, progress=True):
    """The paper's own tables and figures for the page; the files go into the folder.

    Parameters as for `write_comparison`, and whether to show progress bars.

    Returns
    -------
    list of Section
    """
    if not paper.sections:
        return []
    return list(paper.sections(paper, runs, evaluation, folder, progress=progress))


def write_comparison(folder, paper, runs, evaluation, own=()):
    """Write `index.html` and `methods.csv` of a comparison.

    Parameters
    ----------
    folder : Path
    paper : gan_mri.papers.paper.Paper
    runs : dict of str to gan_mri.runs.run.Run
        Finished runs by method.
    evaluation : gan_mri.evaluation.report.Evaluation
        Of the same runs in the same order.
    own : sequence of Section
        From `paper_sections`.

    Returns
    -------
    Path
        Of the page.

    Raises
    ------
    GanMriError
        If a picture of a run or of the evaluation cannot be read.
    """
    costs = {method: cost(run) for method, run in runs.items()}
    columns = list(next(iter(costs.values())))
    rows = [[method, *row.values()] for method, row in costs.items()]
    write_csv_table(folder / "methods.csv", ["method", *columns], rows)
    sections = [
        setup_section(runs, costs),
        result_section(evaluation),
        difference_section(evaluation),
        findings_section(paper, evaluation.summary),
        *own,
        Section("Figures", _figures(evaluation)),
        Section("Samples after the last epoch", _samples(runs)),
        Section("Conventions", _conventions(evaluation)),
    ]
    number = f"{len(runs)} methods" if len(runs) > 1 else "One method"
    lead = f"{number}, trained and tested on the same subjects with the same seed."
    lead = f"{paper.source}. {lead}" if paper.source else lead
    return write_page(folder / "index.html", paper.title, sections, lead=lead)


def _figures(evaluation):
    return tuple(
        Picture(path, f"{FIGURE_CAPTIONS.get(name, name)} (evaluation/{path.name})")
        for name, path in evaluation.figures.items()
    )


def _samples(runs):
    pictures = []
    for method, run in runs.items():
        epoch = len(run.history)
        path = run.folder / "samples" / f"epoch-{epoch:04d}.png"
        pictures.append(Picture(path, f"{method} ({method}/samples/{path.name})"))
    return tuple(pictures)


def _conventions(evaluation):
    rows = [(METRICS[name][0], text) for name, text in evaluation.conventions.items()]
    return (
        Table(("measure", "how it is measured"), tuple(rows)),
        Paragraph(
            "Numbers: evaluation/per_image.csv, per_subject.csv, summary.csv and wilcoxon.csv. "
            "Cost "
            "and settings of the methods: methods.csv. Figures: evaluation/*.png. Arguments and "
            "subjects of a run: its config.json."
        ),
    )

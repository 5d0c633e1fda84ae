"""Runs measured side by side, from their data to their report."""

import json

from gan_mri.data.images.geometry import Geometry
from gan_mri.evaluation.bars import FIGURE_1, bar_figure
from gan_mri.evaluation.cases import Cases, check_same_images, check_test_part
from gan_mri.evaluation.intensities import Intensities
from gan_mri.evaluation.measures import METRICS
from gan_mri.evaluation.names import method_names
from gan_mri.evaluation.panels import cycle_sheet, translation_figure
from gan_mri.evaluation.passes import run_pass
from gan_mri.evaluation.plots import curves_figure, intensity_figure
from gan_mri.evaluation.report import FIGURES, Evaluation, write_tables
from gan_mri.evaluation.statistics import (
    FEWEST_FOR_TEST,
    by_subject,
    compare_methods,
    summarize,
)

# Under this many subjects a percentile bootstrap is known to be too narrow.
_FEW_SUBJECTS = 10


class Comparison:
    """One run or several on the same test images.

    Parameters
    ----------
    runs : list of gan_mri.runs.run.Run
    source : str or Path, optional
        Other data than the runs' own.

    Attributes
    ----------
    methods : list of str
    cases : list of Cases
        One a run.

    Raises
    ------
    GanMriError
        If there is no test part, or the runs do not share it.
    """

    def __init__(self, runs, source=None):
        self.methods = method_names(runs)
        self._runs = runs
        self._data = list(_load_all(runs, source))
        self.cases = []
        for run, data in zip(runs, self._data):
            check_test_part(data, run)
            cases = Cases(data, Geometry.from_config(run.config["geometry"]))
            if self.cases:
                check_same_images(cases, self.cases[0], run, runs[0])
            self.cases.append(cases)
        self._images, self._shown, self._intensities = [], {}, Intensities()

    def measure(self, progress):
        """Translate and measure every test image with every run.

        Parameters
        ----------
        progress : tqdm.tqdm
        """
        for method, run, cases in zip(self.methods, self._runs, self.cases):
            rows, shown = run_pass(method, run, cases, self._intensities, progress)
            self._images += rows
            self._shown[method] = shown

    def report(self, folder):
        """Write tables and figures.

        Parameters
        ----------
        folder : Path

        Returns
        -------
        Evaluation
        """
        subjects = by_subject(self._images)
        summary = summarize(subjects)
        wilcoxon = compare_methods(subjects, self.methods)
        measured = {row["metric"] for row in summary}
        conventions = {
            name: convention for name, (*_, convention) in METRICS.items() if name in measured
        }
        notes = self._notes()
        write_tables(
            folder,
            images=self._images,
            subjects=subjects,
            summary=summary,
            wilcoxon=wilcoxon,
            record=self._record() | {"conventions": conventions, "notes": notes},
        )
        figures = self._draw(folder, summary, subjects)
        for name in FIGURES:
            if name not in figures:  # of an earlier evaluation of other data
                (folder / f"{name}.png").unlink(missing_ok=True)
        return Evaluation(folder, self.methods, summary, wilcoxon, figures, conventions, notes)

    def _draw(self, folder, summary, subjects):
        contrasts, figures = self.cases[0].contrasts, {}

        def path(name):
            return folder / f"{name}.png"

        if self.cases[0].paired:
            for name, metric in FIGURE_1.items():
                figures[name] = bar_figure(path(name), metric, summary, subjects)
            figures["figure2"] = translation_figure(path("figure2"), self._shown, contrasts)
        figures["intensity_histograms"] = intensity_figure(
            path("intensity_histograms"), self._intensities, self.methods, contrasts
        )
        histories = {method: run.history for method, run in zip(self.methods, self._runs)}
        figures["curves"] = curves_figure(path("curves"), histories, contrasts)
        figures["cycle"] = cycle_sheet(path("cycle"), self._shown, contrasts)
        return {name: figure for name, figure in figures.items() if figure is not None}

    def _record(self):
        cases, data = self.cases[0], self._data[0]
        return {
            "runs": [
                {
                    "method": method,
                    "folder": str(run.folder),
                    **{
                        name: run.config.get(name)
                        for name in ("recipe", "settings", "precision", "seed", "versions")
                    },
                }
                for method, run in zip(self.methods, self._runs)
            ],
            "data": {
                "source": data.record["source"],
                "kind": data.record["kind"],
                "contrasts": list(data.contrasts),
                "paired": cases.paired,
                "subjects": cases.subjects,
                "translations": len(cases),
                "geometry": self._runs[0].config["geometry"],
            },
        }

    def _notes(self):
        cases, notes = self.cases[0], []
        count = len(cases.subjects)
        if count == 1:
            notes.append(
                f"one test subject ({cases.subjects[0]}): no standard deviation, no interval and "
                "no test between "
                "methods, and no statement about other subjects."
            )
        elif count < _FEW_SUBJECTS:
            notes.append(
                f"{count} test subjects: bootstrap intervals of fewer than {_FEW_SUBJECTS} are "
                "too narrow"
                + (
                    f", and fewer than {FEWEST_FOR_TEST} cannot show a difference between methods."
                    if count < FEWEST_FOR_TEST
                    else "."
                )
            )
        if count > 1 and len(self.methods) > 1:
            notes.append(
                "every method was trained once: intervals and tests speak of these networks on "
                "other subjects, not "
                "of the method trained again with another seed."
            )
        if not cases.paired:
            notes.append(
                "the test part holds no pairs (no image of both contrasts from one subject and "
                "slice), so there is "
                "no true image to compare with: cycles, sharpness and intensities only."
            )
        referring = [
            method
            for method, shown in self._shown.items()
            if any(one.reference is not None for one in shown.values())
        ]
        if referring:
            whose = (
                "of another test subject" if cases.paired and count > 1 else "from the test part"
            )
            notes.append(
                f"{', '.join(referring)} give a translation the colours of a reference image "
                f"{whose}, as somebody "
                "has it who does not know the true one."
            )
        scalings = {json.dumps(data.describe()["scaling"], sort_keys=True) for data in self._data}
        if len(scalings) > 1:
            notes.append(
                "the runs scale intensities differently: compare them by the z-scored metrics only."
            )
        return notes


def _load_all(runs, source):
    """The data of every run; runs that would load the same share it."""
    loaded = {}
    for run in runs:
        record, arguments = run.config["data"], run.config["arguments"]
        names = ("source", "kind", "contrasts", "plane", "slices", "scaling", "subjects")
        key = json.dumps([record[name] for name in names] + [arguments["image_size"]])
        if key not in loaded:
            loaded[key] = run.load_data(source)
        yield loaded[key]

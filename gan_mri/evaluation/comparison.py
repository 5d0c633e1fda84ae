"""Runs measured side by side, from their data to their report."""

import json

from gan_mri.evaluation.bars import FIGURE_1, bar_figure
from gan_mri.evaluation.case_checks import check_same_images, check_test_part
from gan_mri.evaluation.cases import Cases
from gan_mri.evaluation.intensities import Intensities
from gan_mri.evaluation.measures import conventions
from gan_mri.evaluation.names import method_names
from gan_mri.evaluation.panels import translation_figure
from gan_mri.evaluation.passes import run_pass
from gan_mri.evaluation.plots import curves_figure, intensity_figure
from gan_mri.evaluation.protocols.fit import fitting_cases
from gan_mri.evaluation.protocols.page import write_protocol_page
from gan_mri.evaluation.report import FIGURES, Evaluation, remove_page, write_tables
from gan_mri.evaluation.stage_sheets import cycle_sheet, translation_sheet
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
    protocol : gan_mri.evaluation.protocols.protocol.Protocol, optional

    Attributes
    ----------
    methods : list of str
    cases : list of Cases
        One a run.
    ways : dict of str to gan_mri.evaluation.ways.Way
        Every direction that some run has.

    Raises
    ------
    GanMriError
        If there is no test part, the runs do not share it, or the protocol does not fit.
    """

    def __init__(self, runs, source=None, protocol=None):
        self.methods = method_names(runs)
        self._runs, self._protocol = runs, protocol
        self._data = list(_load_all(runs, source))
        self.cases, self._left_out = [], []
        for run, data in zip(runs, self._data):
            check_test_part(data, run)
            if protocol is None:
                cases = Cases(data, run.view.geometry, run.task)
            else:
                cases, left_out = fitting_cases(protocol, data, run)
                self._left_out += [one for one in left_out if one not in self._left_out]
            if self.cases:
                check_same_images(cases, self.cases[0], run, runs[0])
            self.cases.append(cases)
        self.ways = _all_ways(self.cases)
        self._images, self._shown, self._intensities = [], {}, Intensities()

    def measure(self, progress):
        """Translate and measure every test image with every run.

        Parameters
        ----------
        progress : tqdm.tqdm
        """
        for method, run, cases in zip(self.methods, self._runs, self.cases):
            rows, shown = run_pass(method, run, cases, self._intensities, progress, self._protocol)
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
        protocol = self._protocol
        how = (
            conventions(measured, self.cases[0].rank)
            if protocol is None
            else (protocol.conventions())
        )
        notes = self._notes()
        remove_page(folder)
        write_tables(
            folder,
            images=self._images,
            subjects=subjects,
            summary=summary,
            wilcoxon=wilcoxon,
            record=self._record() | {"conventions": how, "notes": notes},
        )
        figures = self._draw(folder, summary, subjects)
        for name in FIGURES:
            if name not in figures:  # of an earlier evaluation of other data
                (folder / f"{name}.png").unlink(missing_ok=True)
        sources = {name: way.source for name, way in self.ways.items()}
        evaluation = Evaluation(
            folder, self.methods, summary, wilcoxon, figures, how, notes, sources, protocol
        )
        if protocol is not None:
            write_protocol_page(evaluation)
        return evaluation

    def _draw(self, folder, summary, subjects):
        ways, shown, figures = self.ways, self._shown, {}

        def path(name):
            return folder / f"{name}.png"

        if len(self._untrue()) < len(ways):
            for name, metric in self._bars().items():
                figures[name] = bar_figure(path(name), metric, summary, subjects, ways)
            figures["figure2"] = translation_figure(path("figure2"), shown, ways)
        figures["intensity_histograms"] = intensity_figure(
            path("intensity_histograms"), self._intensities, self.methods, ways
        )
        histories = {method: run.history for method, run in zip(self.methods, self._runs)}
        figures["curves"] = curves_figure(path("curves"), histories, ways)
        if self._protocol is not None:  # nothing went back
            ways = {name: way._replace(back=None) for name, way in ways.items()}
        figures["cycle"] = cycle_sheet(path("cycle"), shown, ways)
        figures["translations"] = translation_sheet(path("translations"), shown, ways)
        return {name: figure for name, figure in figures.items() if figure is not None}

    def _bars(self):
        """Figures of bars by their metrics: those of paper 001, or of the protocol."""
        if self._protocol is None:
            return FIGURE_1
        names = {metric: name for name, metric in FIGURE_1.items()}
        if len(self.methods) == 1 == len(self._subjects()):  # a bar that nothing stands beside
            return {names[name]: name for name in self._protocol.metrics if name in names}
        return {names.get(name, f"bars_{name}"): name for name in self._protocol.metrics}

    def _record(self):
        cases, data = self.cases[0], self._data[0]
        return {
            "protocol": self._protocol and self._protocol.to_record(),
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
                "directions": [
                    {
                        "name": way.name,
                        "sources": list(way.sources.values()),
                        "target": way.contrast,
                    }
                    for way in self.ways.values()
                ],
                "paired": not self._untrue(),
                "subjects": self._subjects(),
                "translations": len(cases),
                "geometry": self._runs[0].config["geometry"],
            },
        }

    def _subjects(self):
        return sorted({name for cases in self.cases for name in cases.subjects})

    def _untrue(self):
        """The directions without a true image to compare with."""
        return [name for name in self.ways if any(name in cases.unpaired for cases in self.cases)]

    def _notes(self):
        subjects, notes = self._subjects(), []
        count, untrue = len(subjects), self._untrue()
        if count == 1:
            notes.append(
                f"one test subject ({subjects[0]}): no standard deviation, no interval and "
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
        notes += self._left_out
        if untrue:
            notes.append(self._about_truths(untrue))
        referring = [
            method
            for method, shown in self._shown.items()
            if any(one.reference is not None for one in shown.values())
        ]
        if referring:
            whose = "of another test subject" if not untrue and count > 1 else "from the test part"
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

    def _about_truths(self, untrue):
        contrasts = self.cases[0].contrasts
        both = "both contrasts" if len(contrasts) == 2 else "every contrast"
        where = "subject" if self.cases[0].rank == 3 else "subject and slice"
        left = "sharpness and intensities only."
        if any(way.back for way in self.ways.values()):
            left = f"cycles, {left}"
        if len(untrue) == len(self.ways):
            return (
                f"the test part holds no pairs (no image of {both} from one {where}), so there is "
                f"no true image to compare with: {left}"
            )
        named = ", ".join(str(self.ways[name]) for name in untrue)
        return f"the test part holds no pairs for {named}, so there is no true image: {left}"


def _all_ways(cases):
    """The directions of all runs, with the way back that any of them has."""
    ways = {}
    for name, way in (item for one in cases for item in one.ways.items()):
        if name not in ways or ways[name].back is None:
            ways[name] = way
    return ways


def _load_all(runs, source):
    """The data of every run; runs that would load the same share it."""
    loaded = {}
    for run in runs:
        record, arguments = run.config["data"], run.config["arguments"]
        names = ("source", "kind", "contrasts", "plane", "slices", "scaling", "subjects")
        later = [record.get(name) for name in ("spacing", "align")]
        here = [*run.task.domains, run.task.contexts, arguments["image_size"]]
        key = json.dumps([*(record[name] for name in names), *later, *here])
        if key not in loaded:
            loaded[key] = run.load_data(source)
        yield loaded[key]

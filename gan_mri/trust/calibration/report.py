"""Table, figure, sheet and page of a calibration."""

import numpy as np

from gan_mri.evaluation.statistics import bootstrap_interval
from gan_mri.files import write_json
from gan_mri.reporting.drawings import color, legend_below, new_figure, save, tidy
from gan_mri.reporting.page import Paragraph, Picture, Section, Table, Value, write_page
from gan_mri.reporting.planes import as_picture
from gan_mri.reporting.sheets import sample_sheet
from gan_mri.trust.calibration.measures import LEVELS, calibration

_HOW = (
    "Errors are translation minus truth, in the model's range of [-1, 1], in the foreground of "
    "test images. Correlation: Spearman's, of the size of the error with the deviation, over "
    "voxels; the interval is over subjects. Factor: root mean square of errors by that of "
    "deviations; above 1 the deviations are too small. Within 1.96: the share of voxels whose "
    "error lies within 1.96 deviations, which is 0.95 if errors are normal and deviations right; "
    "scaled: after multiplying the deviations by the factor, which was found on the same images. "
    "The deviation says how far models or looks disagree: what they all get wrong alike, such as "
    "a lesion that all of them leave out, has none."
)


class Report:
    """What was found of every direction.

    Parameters
    ----------
    collected : dict of str to gan_mri.trust.calibration.collect.Collected
        By direction.
    ways : dict of str to gan_mri.evaluation.ways.Way
    spread : str
        Where the deviation is from, in words.

    Attributes
    ----------
    found : dict of str to gan_mri.trust.calibration.measures.Calibration
        By direction, all subjects together.
    subjects : dict of str to dict of str to gan_mri.trust.calibration.measures.Calibration
        By direction and subject.
    """

    def __init__(self, collected, ways, spread):
        self._collected, self._ways, self._spread = collected, ways, spread
        self.found, self.subjects = {}, {}
        for name, one in collected.items():
            all_of = [np.concatenate(list(x.values())) for x in (one.error, one.deviation)]
            self.found[name] = calibration(*all_of)
            self.subjects[name] = {
                subject: calibration(one.error[subject], one.deviation[subject])
                for subject in one.error
            }

    def table(self):
        """The numbers for people."""
        header = (
            "",
            "MAE, one pass",
            "MAE, mean",
            "correlation",
            "factor",
            "within 1.96",
            "scaled",
        )
        rows = [self._row(name) for name in self.found]
        return Table(header, tuple(rows), f"Deviation of {self._spread} against error")

    def _row(self, name):
        found, mae = self.found[name], self._collected[name].mae
        alone, mean = np.mean([np.mean(pairs, axis=0) for pairs in mae.values()], axis=0)
        level = LEVELS[-1]
        return (
            str(self._ways[name]),
            Value(f"{alone:.4f}"),
            Value(f"{mean:.4f}"),
            Value(_number(found.correlation), self._interval(name)),
            Value(_number(found.factor)),
            Value(f"{found.coverage[level]:.2f}"),
            Value(_number(found.scaled_coverage.get(level))),
        )

    def _interval(self, name):
        values = [one.correlation for one in self.subjects[name].values()]
        if len(values) < 2 or None in values:
            return "one subject" if len(values) < 2 else ""
        return "{:.2f} to {:.2f}".format(*bootstrap_interval(np.array(values)))

    def write(self, folder):
        """Write `calibration.json`, `calibration.png`, `doubt.png` and `index.html`.

        Parameters
        ----------
        folder : Path

        Returns
        -------
        Path
            The page.
        """
        content = {
            name: found._asdict()
            | {"subjects": {s: one._asdict() for s, one in self.subjects[name].items()}}
            for name, found in self.found.items()
        }
        write_json(folder / "calibration.json", {"deviation": self._spread, "directions": content})
        figure = self._figure(folder / "calibration.png")
        sheet = self._sheet(folder / "doubt.png")
        blocks = (
            self.table(),
            Picture(
                figure,
                "Left: size of errors against deviations, of tenths of the voxels from the surest "
                "to the most doubtful; on the dotted line the deviation is the error. Right: share "
                "of errors within so many deviations as a normal distribution needs for the share "
                "below; dashed, after scaling",
            ),
            Picture(
                sheet,
                "The middle image of the middle subject. Error and deviation from black (none) to "
                "white (the 99.5th percentile of the error)",
            ),
            Paragraph(_HOW),
        )
        return write_page(
            folder / "index.html", "How sure is it?", [Section("Deviation and error", blocks)]
        )

    def _figure(self, path):
        figure = new_figure(9.0, 3.9)
        left, right = figure.subplots(1, 2)
        for number, (name, found) in enumerate(self.found.items()):
            style = {"color": color(number), "marker": "o", "markersize": 4}
            left.plot(*zip(*found.curve), label=str(self._ways[name]), **style)
            right.plot(LEVELS, list(found.coverage.values()), **style)
            if found.scaled_coverage:
                right.plot(LEVELS, list(found.scaled_coverage.values()), linestyle="--", **style)
        most = 1.05 * max(max(max(pair) for pair in found.curve) for found in self.found.values())
        for axes, end in ((left, most), (right, 1)):
            axes.plot([0, end], [0, end], color="black", linestyle=":", zorder=0)
            axes.set_xlim(0, end)
            axes.set_ylim(0, end)
            tidy(axes)
        left.set_xlabel("deviation (root mean square)")
        left.set_ylabel("error (root mean square)")
        right.set_xlabel("share that a normal distribution has")
        right.set_ylabel("share of errors")
        legend_below(figure, *left.get_legend_handles_labels())
        return save(figure, path)

    def _sheet(self, path):
        columns = ["source", "true", "translated (mean)", "error", "deviation"]
        rows, planes = [], 1
        for name, one in self._collected.items():
            shown = one.shown
            rank = shown.truth.ndim - 1
            planes = 3 if rank == 3 else 1
            error = np.abs(shown.translation - shown.truth).mean(axis=-1, keepdims=True)
            most = max(np.percentile(error, 99.5), 1e-6)
            doubt = shown.deviation.mean(axis=-1, keepdims=True)
            images = [shown.source, shown.truth, shown.translation]
            images += [np.clip(2 * x / most - 1, -1, 1) for x in (error, doubt)]
            label = f"{self._ways[name]}, {shown.label}"
            rows.append((label, [as_picture(image, rank) for image in images]))
        sample_sheet(path, columns, rows, planes=planes)
        return path


def _number(value):
    return "-" if value is None else f"{value:.2f}"

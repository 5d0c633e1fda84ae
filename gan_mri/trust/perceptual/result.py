"""What a study found, as tables, a figure and a page."""

from typing import NamedTuple

from gan_mri.files import write_json
from gan_mri.reporting.drawings import color, legend_below, new_figure, save, tidy
from gan_mri.reporting.page import Paragraph, Picture, Section, Table, Value, write_page
from gan_mri.reporting.tables import write_csv_table
from gan_mri.trust.perceptual.draw import PAPER_REAL, PAPER_SYNTHETIC
from gan_mri.trust.perceptual.scores import ALL, agreement, scores

#: Paper 001, sections 2.4, 3 and 4, to be set beside one's own.
PAPER = (
    f"Paper 001 showed one reader, an author and no radiologist, {2 * PAPER_REAL} real images and "
    f"{6 * PAPER_SYNTHETIC} synthetic ones of CycleGAN, CycleGAN_s and UNIT, T1w and T2w equally. "
    "Its Figure 1 (d, e) has bars and no numbers. What it says: synthetic images were taken for "
    "real ones; T2w was harder to tell than T1w; UNIT did best for T1w, CycleGAN for T2w. "
    "Generators_s and Simple were not shown, because their smoothness gives them away."
)
_HOW = (
    "Found: the share of the synthetic images that were called synthetic, with Wilson's 95 % "
    "interval. Balanced: the mean of that and of the share of real images called real; 0.5 is "
    "chance. p: Fisher's exact test, one-sided, of whether synthetic images are called synthetic "
    "more often than real ones are; a large p does not show that images cannot be told apart. "
    "Images of one subject are counted as if they were independent."
)
_COLUMNS = ("reader", "contrast", "method", "found", "real called real", "balanced", "p")


class Result(NamedTuple):
    """What readers could tell.

    Attributes
    ----------
    scores, agreement : list of dict
        From `gan_mri.trust.perceptual.scores`.
    """

    scores: list
    agreement: list

    @classmethod
    def of(cls, key, answers):
        """The result of a study's answers."""
        return cls(scores(key, answers), agreement(key, answers))

    def tables(self):
        """The tables for people."""
        made = [
            Table(_COLUMNS, tuple(_row(one) for one in self.scores), "Synthetic or real?"),
        ]
        if self.agreement:
            rows = tuple(
                (
                    f"{one['first']}, {one['second']}",
                    f"{one['agreed']:.2f}",
                    None if one["kappa"] is None else f"{one['kappa']:.2f}",
                )
                for one in self.agreement
            )
            made.append(Table(("readers", "same answer", "kappa"), rows, "Agreement of readers"))
        return made

    def write(self, folder, key):
        """Write `scores.csv`, `agreement.csv`, `summary.json`, `found.png` and `index.html`.

        Parameters
        ----------
        folder : Path
        key : gan_mri.trust.perceptual.key.Key

        Returns
        -------
        Path
            The page.
        """
        for name, rows in self._asdict().items():
            if rows:
                cells = [list(row.values()) for row in rows]
                write_csv_table(folder / f"{name}.csv", list(rows[0]), cells)
        write_json(folder / "summary.json", {"study": key.study, **self._asdict()})
        figure = _figure(folder / "found.png", self.scores, key)
        caption = (
            "Share of synthetic images that were called synthetic, and its 95 % interval (Wilson); "
            "line: share of real images of the contrast called synthetic. Images that cannot be "
            "told from real ones reach down to the line. As Figure 1 (e) of paper 001"
        )
        sections = [
            Section("What was found", (*self.tables(), Picture(figure, caption), Paragraph(_HOW))),
            Section("Beside paper 001", (Paragraph(PAPER),)),
        ]
        return write_page(folder / "index.html", "Real or synthetic?", sections)


def _row(one):
    real = one["real_called_real"], one["real_called_real"] + one["real_called_synthetic"]
    made = one["synthetic_called_synthetic"] + one["synthetic_called_real"]
    return (
        one["reader"],
        one["contrast"],
        one["method"],
        Value(
            f"{one['synthetic_called_synthetic']} of {made}: {one['accuracy']:.2f}",
            f"{one['low']:.2f} to {one['high']:.2f}",
        ),
        Value(f"{real[0]} of {real[1]}: {real[0] / real[1]:.2f}"),
        Value(f"{one['balanced']:.2f}"),
        Value(f"{one['p']:.2g}"),
    )


def _figure(path, rows, key):
    """Bars of a method and contrast, of all readers together."""
    reader = rows[0]["reader"]
    shown = [one for one in rows if one["reader"] == reader and one["method"] != ALL]
    contrasts = [name for name in key.contrasts if any(one["contrast"] == name for one in shown)]
    methods = [name for name in key.methods if any(one["method"] == name for one in shown)]
    figure = new_figure(max(4.2, 1.5 + 1.3 * len(methods)), 3.4)
    axes, width = figure.subplots(), 0.8 / len(contrasts)
    for number, contrast in enumerate(contrasts):
        mine = [one for one in shown if one["contrast"] == contrast]
        shift = (number - (len(contrasts) - 1) / 2) * width
        places = [methods.index(one["method"]) + shift for one in mine]
        shares = [one["accuracy"] for one in mine]
        axes.bar(places, shares, 0.94 * width, color=color(number), label=contrast)
        spread = [
            [one["accuracy"] - one["low"] for one in mine],
            [one["high"] - one["accuracy"] for one in mine],
        ]
        axes.errorbar(places, shares, spread, fmt="none", ecolor="black", capsize=3)
        for place, one in zip(places, mine):
            real = one["real_called_real"] + one["real_called_synthetic"]
            doubted = one["real_called_synthetic"] / real
            axes.hlines(doubted, place - width / 2, place + width / 2, color="black", linestyle=":")
    axes.set_ylim(0, 1)
    axes.set_xticks(range(len(methods)), methods)
    axes.set_ylabel("called synthetic")
    tidy(axes)
    legend_below(figure, *axes.get_legend_handles_labels())
    return save(figure, path)

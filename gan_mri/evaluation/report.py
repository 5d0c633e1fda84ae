"""The result of an evaluation: what Python gets, and the files."""

from dataclasses import dataclass, field
from pathlib import Path

import scipy
import skimage

from gan_mri.errors import GanMriError
from gan_mri.evaluation.measures import METRICS, PROTOCOL_METRICS, is_cycle
from gan_mri.evaluation.protocols.structure import STRUCTURE
from gan_mri.evaluation.statistics import LEVEL, RESAMPLINGS, SEED
from gan_mri.files import read_json, write_json
from gan_mri.reporting.tables import format_table, write_csv_table
from gan_mri.runs.run import versions

TABLES = ("per_image.csv", "per_subject.csv", "summary.csv", "wilcoxon.csv", "summary.json")
FIGURES = (
    "figure1_mae",
    "figure1_psnr",
    "figure1_mi",
    "figure2",
    "intensity_histograms",
    "curves",
    "cycle",
    "translations",
    # Of protocols.
    *(f"bars_{name}" for name in ("mae", "psnr", "ssim", *PROTOCOL_METRICS)),
)

# Tables for the terminal: title and its metrics.
_PRINTED = (
    ("After z-scoring every image (paper 001, section 2.2)", ("mae_z", "psnr_z", "mi_z")),
    ("In [-1, 1], foreground if not said otherwise", ("mae", "psnr", "ssim", "ssim_image")),
    ("Sharpness", ("sharpness", "sharpness_real")),
    ("There and back", ("cycle_mae", "cycle_ssim")),
)


@dataclass(frozen=True)
class Evaluation:
    """What `gan_mri.evaluate` found.

    Attributes
    ----------
    folder : Path
        Where the files are.
    methods : list of str
        A name for every run, in their order.
    summary : list of dict
        method, direction, contrast, metric, mean, sd, low, high, n: over
        subjects; low and high bound the 95 % bootstrap interval of the mean.
    wilcoxon : list of dict
        See `gan_mri.evaluation.statistics.compare_methods`.
    figures : dict of str to Path
        Name ("figure1_mae", "figure2", ...) to PNG.
    conventions : dict of str to str
        Metric to what it is: range, mask, unit of averaging.
    notes : list of str
        What limits the result, such as a single test subject.
    sources : dict of str to str
        Direction to the contrasts that its images are made of: "T1w", "T1w + T2w".
    protocol : gan_mri.evaluation.protocols.protocol.Protocol or None
        By which it was measured; its page is `index.html` in the folder.
    """

    folder: Path
    methods: list
    summary: list
    wilcoxon: list
    figures: dict
    conventions: dict
    notes: list = field(default_factory=list)
    sources: dict = field(default_factory=dict)
    protocol: object = None

    def table(self):
        """The summary as text for a terminal: mean and standard deviation over subjects."""
        cells = {
            (row["method"], row["direction"], row["contrast"], row["metric"]): row
            for row in self.summary
        }
        parts = []
        for title, metrics in self._printed():
            keys = list(dict.fromkeys(key[:3] for key in cells if key[3] in metrics))
            keys.sort(key=lambda key: key[1])
            rows = [
                [self._title(key, keys, metrics), key[0]]
                + [_cell(cells.get((*key, metric))) for metric in metrics]
                for key in keys
            ]
            header = ["", "method", *(_heading(metric) for metric in metrics)]
            if rows:
                parts.append(format_table(header, rows, caption=title))
        return "\n\n".join(parts)

    def _printed(self):
        """Tables for the terminal: title and metrics."""
        if self.protocol is None:
            return _PRINTED
        names = [name for name in METRICS if name in self.protocol.metrics]
        own = [name for name in names if name not in STRUCTURE]
        shared = [name for name in names if name in STRUCTURE]
        parts = [
            (f"Protocol {self.protocol.name}. {self.protocol.range}", own),
            ("In the same range and mask: what the images share, and their edges", shared),
        ]
        return [part for part in parts if part[1]]

    def _title(self, key, keys, metrics):
        """What the first column calls the images of a method, direction and contrast."""
        _, direction, contrast = key
        if is_cycle(metrics[0]):
            return f"{contrast}, {direction}"
        if len({other[1] for other in keys if other[2] == contrast}) > 1:
            return f"synthetic {contrast} from {self.sources.get(direction, direction)}"
        return f"synthetic {contrast}"


def _heading(metric):
    title, unit, _, _ = METRICS[metric]
    title = title.removesuffix(", z-scored")
    return f"{title} / {unit}" if unit else title


def _cell(row):
    if row is None:
        return None
    digits = 2 if METRICS[row["metric"]][1] in ("dB", "HU") else 4
    text = f"{row['mean']:.{digits}f}"
    return text if row["sd"] is None else f"{text} ± {row['sd']:.{digits}f}"


def check_own(folder, *, given, page=False):
    """Refuse a folder with files of somebody else that an evaluation would replace.

    Parameters
    ----------
    folder : Path
        Need not exist.
    given : bool
        Whether the user chose the folder: then files of the names in `TABLES` and
        `FIGURES` are taken for an earlier evaluation's only beside its `summary.json`.
    page : bool
        Whether `index.html` is to be written too.

    Raises
    ------
    GanMriError
        Naming the first such file.
    """
    path = folder / "summary.json"
    if path.exists():
        try:
            content = read_json(path)
        except GanMriError:
            content = {}
        versions = content.get("versions")
        if isinstance(versions, dict) and {"gan_mri", "scikit-image"} <= set(versions):
            return
        found = [path]
    else:
        names = [*TABLES, *(f"{name}.png" for name in FIGURES)] if given else []
        names += ["index.html"] if page else []
        found = [folder / name for name in names if (folder / name).exists()]
    if found:
        raise GanMriError(
            f"{found[0]}: expected no file of this name, or that of an earlier evaluation, to be "
            "replaced. Received a file that gan_mri.evaluate did not write. Give --out another "
            "folder."
        )


def remove_page(folder):
    """Remove the page of an earlier evaluation under a protocol, and no other.

    Parameters
    ----------
    folder : Path
        Of an evaluation, whose `summary.json` is the earlier one's still, if there was any.
    """
    path = folder / "summary.json"
    if path.exists() and read_json(path).get("protocol"):
        (folder / "index.html").unlink(missing_ok=True)


def check_own_page(folder):
    """Refuse the folder of a comparison with tables, figures or a page of somebody else.

    Parameters
    ----------
    folder : Path
        Need not exist. With an evaluation in it, it is an earlier comparison's.

    Raises
    ------
    GanMriError
        Naming the first such file.
    """
    if not folder.is_dir() or (folder / "evaluation" / "summary.json").exists():
        return
    found = [
        *folder.glob("index.html"),
        *sorted(folder.glob("*.csv")),
        *sorted(folder.glob("*.png")),
    ]
    if found:
        raise GanMriError(
            f"{found[0]}: expected no tables, figures or index.html, or those of an earlier "
            "comparison, to be replaced. Received a file that gan_mri.compare did not write. Give "
            "--out another folder."
        )


def write_tables(folder, *, images, subjects, summary, wilcoxon, record):
    """Write the CSV files and `summary.json`.

    Parameters
    ----------
    folder : Path
    images, subjects, summary, wilcoxon : list of dict
    record : dict
        What else `summary.json` holds.
    """
    content = {
        **record,
        "interval": {
            "of": "mean over subjects",
            "method": "percentile bootstrap",
            "level": LEVEL,
            "resamplings": RESAMPLINGS,
            "seed": SEED,
        },
        "summary": summary,
        "wilcoxon": wilcoxon,
        "versions": versions() | {"scipy": scipy.__version__, "scikit-image": skimage.__version__},
    }
    # First: by this file `check_own` knows the others again.
    write_json(folder / "summary.json", content)
    metrics = [metric for metric in METRICS if any(metric in row for row in subjects)]
    names = ["method", "direction", "contrast", "subject"]
    _write(folder / "per_image.csv", [*names, "image", *metrics], images)
    _write(folder / "per_subject.csv", [*names, "images", *metrics], subjects)
    _write(
        folder / "summary.csv",
        ["method", "direction", "contrast", "metric", "mean", "sd", "low", "high", "n"],
        summary,
    )
    header = ["first", "second", "direction", "contrast", "metric", "n", "median_difference"]
    _write(folder / "wilcoxon.csv", [*header, "statistic", "p", "p_holm", "why"], wilcoxon)


def _write(path, header, rows):
    write_csv_table(path, header, [[row.get(name) for name in header] for row in rows])

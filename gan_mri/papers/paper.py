"""What a paper itself says, to stand beside what its recipes give here."""

import dataclasses
from collections.abc import Callable


@dataclasses.dataclass(frozen=True, kw_only=True)
class Paper:
    """What a paper found: the `PAPER` of a module of `gan_mri.papers`.

    Fields
    ------
    title : str
    source : str
        Authors, year and where it is published.
    findings : tuple of str
        One sentence or two each, with the place in the paper.
    numbers : dict
        The paper's own results, `{metric: {method: {direction: value}}}`, such
        as `{"ssim": {"baseline_gray": {"A2B": 0.85}}}`, with the metrics'
        names of `gan_mri.evaluate`; set beside the results in a plain table,
        unless there are `sections`, which do so in the paper's own.
    sections : callable, optional
        `sections(paper, runs, evaluation, folder, progress=True)` returns the paper's own tables
        and
        figures as a list of `gan_mri.reporting.page.Section`; `runs` is a
        dict of method to `gan_mri.runs.run.Run`, `evaluation` what
        `gan_mri.evaluate` returned, `folder` takes the PNG and CSV
        files, and `progress` says whether to show a bar where it takes long.
    """

    title: str
    source: str = ""
    findings: tuple = ()
    numbers: dict = dataclasses.field(default_factory=dict)
    sections: Callable | None = None

"""Measuring finished runs on subjects that they have not seen.

Data flow: `cases` (the test images of a run, `case_checks`) -> `passes` (every
image translated, and back where there is a way) with `measures` (the metrics of
one image, and their conventions) -> `statistics` (subjects, intervals, tests
between methods) -> `bars`, `panels`, `stage_sheets`, `plots` (the figures) and
`report` (the `Evaluation` and its tables). `ways` says what directions are
called. Under a protocol (`protocols`) `assembly` puts the slices together to volumes, which are
measured in place of the images. `comparison` puts them together for `gan_mri.evaluate`.
`comparison_page`, of `comparison_setup`, `comparison_tables` and `comparison_findings`, is the
page of `gan_mri.compare`; what a paper shows beyond that is in `gan_mri.papers`.
"""

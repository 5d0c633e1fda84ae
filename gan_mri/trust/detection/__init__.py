"""Abnormality detection: what a model of healthy people cannot explain in an image.

Data flow: `gan_mri.trust.lesions.cases` and `volumes` (files, real images on one grid, the
translation) -> `way_back` (the translation translated back) -> `maps` (differences) -> `roc`
(how well they find what masks mark) -> `pictures` and `page`, all led by `report`.
`gan_mri.detect` is the command.
"""

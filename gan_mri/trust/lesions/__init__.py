"""What a translation does to lesions: which it keeps, fades, loses, and what it invents.

Data flow: `cases` (the files of every subject) -> `volumes` (real images and masks on one grid,
and the translation) -> `components` (one lesion after the other) with `contrast` (how far each
stands out, really and in the translation, and the verdict) and `invented` (what stands out in the
translation alone) -> `findings` (the tables) -> `pictures` and `page`. `gan_mri.lesions` is the
command.
"""

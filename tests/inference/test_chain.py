from types import SimpleNamespace

import pytest

from gan_mri.errors import GanMriError
from gan_mri.inference.chain import from_noise
from gan_mri.tasks import Direction, Task

MASK = Direction("mask", (), "mask", 9)
IMAGE = Direction("image", ("mask",), "image")
BOTH = Direction("T2w", ("mask", "image"), "T2w")
REAL = Direction("CT", ("T1w",), "CT")


def run_of(*directions):
    task = Task(("mask", "image", "T2w", "T1w", "CT"), directions)
    return SimpleNamespace(task=task, folder="somewhere", config={"recipe": "a/b"})


@pytest.mark.parametrize(
    "given", [(MASK, IMAGE, BOTH), (BOTH, IMAGE, MASK), (BOTH, REAL, MASK, IMAGE)]
)
def test_each_after_what_it_starts_from(given):
    assert from_noise(run_of(*given)) == [MASK, IMAGE, BOTH]


def test_what_starts_from_real_images_is_left_out():
    assert from_noise(run_of(REAL, MASK)) == [MASK]
    # A way back makes nothing new.
    assert from_noise(run_of(MASK, IMAGE, Direction("back", ("image",), "mask"))) == [MASK, IMAGE]


def test_a_run_of_translations_is_refused():
    with pytest.raises(GanMriError, match=r"somewhere: expected.*noise.*a/b.*\(CT\)"):
        from_noise(run_of(REAL))

import numpy as np
from PIL import Image

from gan_mri.trust.lesions.components import components
from gan_mri.trust.lesions.contrast import Thresholds
from gan_mri.trust.lesions.findings import Found
from gan_mri.trust.lesions.pictures import LESION_LINE, Gallery, contrast_figure, picture
from gan_mri.trust.lesions.volumes import Grid, Real


def test_a_plane_is_shown_front_up_with_a_line_around_the_mask():
    plane, mask = np.full((40, 20), -0.5), np.zeros((40, 20), bool)
    plane[30, 15] = 1.0
    mask[10:13, 4:6] = True
    drawn = picture(plane, mask, (1.0, 2.0), LESION_LINE)
    # 40 mm by 40 mm: 10 pixels a mm.
    assert drawn.shape == (400, 400, 3)
    assert (drawn[(20 - 1 - 15) * 20 + 5, 30 * 10 + 5] == 1).all()
    line = (drawn == np.float32(LESION_LINE)).all(axis=-1)
    rows, columns = np.nonzero(line)
    assert (columns.min(), columns.max()) == (99, 130)
    assert (rows.min(), rows.max()) == ((20 - 6) * 20 - 1, (20 - 4) * 20)
    assert (drawn[(20 - 1 - 4) * 20 + 10, 11 * 10] == -0.5).all()  # not painted over


def test_the_largest_places_of_a_kind_are_kept(tmp_path):
    shape = (40, 40, 12)
    head, lesions = np.ones(shape, bool), np.zeros(shape, bool)
    for number in range(5):
        lesions[2 + 8 * number, 10 : 12 + number, 5] = True
    real = Real({"T1w": np.zeros(shape)}, np.zeros(shape), lesions, head, Grid(shape, np.eye(4)))
    gallery = Gallery(("T1w",), "T2w")
    for one in reversed(components(lesions, np.eye(4))):
        row = {"subject": "sub-1", "number": one.number}
        gallery.offer("lost", Found(row, one), real, np.zeros(shape), lesions, LESION_LINE)
    assert [row[1] for row in gallery.rows["lost"]] == [
        "sub-1, no. 1, 0.006 mL", "sub-1, no. 2, 0.005 mL", "sub-1, no. 3, 0.004 mL",
    ]  # fmt: skip
    assert gallery.columns[:3] == ["T1w, real", "T2w, real", "T2w, synthetic"]
    path = gallery.draw("lost", tmp_path / "lost.png")
    assert Image.open(path).size[0] > 1500 and gallery.draw("kept", tmp_path / "k.png") is None


def test_contrasts_are_drawn_if_there_are_any(tmp_path):
    row = {"contrast_real": -4.0, "contrast_synthetic": -1.0, "verdict": "faded", "volume_ml": 1.0}
    unknown = row | {"contrast_real": None, "verdict": "unseen"}
    path = contrast_figure(tmp_path / "a.png", [row, unknown], Thresholds())
    assert Image.open(path).size > (600, 400)
    assert contrast_figure(tmp_path / "b.png", [unknown], Thresholds()) is None

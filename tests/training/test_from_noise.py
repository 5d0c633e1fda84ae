"""What training shows and says of images that are made of noise."""

import numpy as np

from gan_mri.data import load
from gan_mri.data.images.geometry import Geometry
from gan_mri.tasks import Direction, Task
from gan_mri.training import monitor, outcome

MASK = Direction("mask", (), "mask", 2)
IMAGE = Direction("image", ("mask",), "image")
TASK = Task(("mask", "image"), (IMAGE, MASK), ("mask", "image"))


class Flat:
    """The image is the negative of the mask, the mask is the first random number everywhere."""

    referring = ()

    def __call__(self, name, inputs):
        if name == "image":
            return -inputs["image"]
        first = inputs["noise"][:, :1, np.newaxis, np.newaxis]
        return np.broadcast_to(first, (len(first), 20, 20, 1))


def test_a_sheet_shows_masks_of_noise_and_the_images_of_them(tmp_path, monkeypatch):
    drawn = []
    monkeypatch.setattr(
        monitor, "sample_sheet", lambda path, columns, rows, **more: drawn.append((columns, rows))
    )
    options = {"contrasts": ("tissue", "T1w"), "subjects": 4, "image_size": (20, 20)}
    data = load("phantom", domains=TASK.domains, paired=True, split=(0.5, 0, 0.5), **options)
    shown = monitor.Monitor(
        tmp_path,
        Flat(),
        data,
        Geometry((20, 20), "crop"),
        task=TASK,
        terms={},
        evaluate_every=1,
        epochs=1,
    )
    shown.draw("sheet.png", title="epoch 1 of 1")
    shown.close()
    ((columns, rows),) = drawn
    assert columns == [
        "tissue (real)",
        "T1w (translated)",
        "tissue (generated)",
        "T1w (of generated tissue)",
        "T1w (real)",
    ]
    noise = MASK.draw_noise(range(len(rows)))
    assert len(rows) == 2
    for row, (_, (mask, painted, made, of_made, image)) in enumerate(rows):
        np.testing.assert_array_equal(painted, -mask)
        np.testing.assert_array_equal(made, np.full_like(made, noise[row, 0]))
        np.testing.assert_array_equal(of_made, -made)
        np.testing.assert_array_equal(image, data.test.image[row])


def test_the_end_of_a_run_tells_both_commands(tmp_path, capsys):
    contrasts = {"mask": "tissue", "image": "T1w"}
    folder = tmp_path / "a run"
    outcome.report(folder, None, task=TASK, contrasts=contrasts, referring=[])
    printed = capsys.readouterr().out
    assert f"python -m gan_mri.translate '{folder}' INPUT OUTPUT" in printed
    assert f"python -m gan_mri.generate '{folder}' OUT --number 100" in printed

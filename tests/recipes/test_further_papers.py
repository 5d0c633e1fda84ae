"""What sets ni, abramian, gu and pan apart from GAN-MRI's CycleGAN."""

import dataclasses

import pytest

import gan_mri
from gan_mri import recipes
from gan_mri.train import completed

GAN_MRI = dataclasses.asdict(recipes.get("welander/cyclegan"))


@pytest.mark.parametrize(
    ("name", "settings", "options"),
    [
        (
            "ni/ct_mr",
            {
                "epochs": 100,
                "decay_epoch": 50,
                "batch_size": 2,
                "filters": 64,
                "residual_padding": "reflect",
            },
            {"contrasts": ("CT", "T1w"), "plane": None},
        ),
        (
            "abramian/cyclegan3d",
            {"batch_size": 5, "recompute": True},
            {"plane": "volume", "image_size": (32, 40, 32)},
        ),
        ("gu/t1_fa", {"batch_size": 10, "decay_epoch": 100}, {"contrasts": ("T1w", "FA")}),
        (
            "pan/mr_pet",
            {
                "filters": 8,
                "residual_blocks": 3,
                "discriminator_filters": 16,
                "cycle_weight": 1.0,
                "adversarial": "absolute",
                "pool_size": 0,
                "recompute": True,
            },
            {"contrasts": ("T1w", "PET"), "plane": "volume", "image_size": (32, 40, 32)},
        ),
    ],
)
def test_settings_and_options(name, settings, options):
    assert dataclasses.asdict(recipes.get(name)) == GAN_MRI | settings
    arguments = completed({"recipe": name, "settings": {}})
    assert {key: arguments[key] for key in options} == options
    # One's own data are not given the demonstration's contrasts and sizes.
    own = completed({"recipe": name, "settings": {}, "data": "/somewhere"})
    assert own["contrasts"] is None and own["image_size"] is None


def test_the_discriminators_of_volumes_do_not_double_their_second_block():
    model = gan_mri.build(
        "abramian/cyclegan3d",
        (20, 20, 20, 1),
        filters=2,
        residual_blocks=1,
        discriminator_filters=3,
    )
    kernels = [v.shape for v in model.D_A.trainable_variables if len(v.shape) == 5]
    assert [shape[-1] for shape in kernels] == [3, 3, 6, 12, 1]

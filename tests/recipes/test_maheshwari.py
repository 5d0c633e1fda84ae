import dataclasses
import re
from pathlib import Path

import pytest
import tiny

import gan_mri
from gan_mri import papers, recipes

# What GAN-MRI's UNIT is here, in the paper's number of epochs.
GAN_MRI = dataclasses.asdict(recipes.get("welander/unit", epochs=100))

PAPER = Path(__file__).resolve().parents[3] / "shared" / "papers" / "002_f3ddddae3be1b1d7.txt"

CHARBONNIER = {"image_loss": "charbonnier"}
SN = {"spectral_normalization": True}
#: Figure 7 a: the paper's row, what makes it differ from GAN-MRI's UNIT, SSIM of T1 and T2.
TABLE = {
    "baseline_rgb": ("Baseline (RGB)", {"channels": 3}, 0.7563, 0.716),
    "baseline_gray": ("Baseline (gray scale)", {"channels": 1}, 0.7617, 0.7217),
    "charbonnier": ("Baseline with Charbonnier loss (CL)", CHARBONNIER, 0.7584, 0.7181),
    "spectral_norm": ("Baseline with Spectral Normalization (SN)", SN, 0.7108, 0.7402),
    "attention_generator": ("Attention in generator", {"attention": "generator"}, 0.7166, 0.5743),
    "attention_generator_charbonnier": (
        "Attention in generator with CL", {"attention": "generator", **CHARBONNIER}, 0.7134, 0.5256,
    ),
    "attention_generator_charbonnier_sn": (
        "Attention in generator with CL and "
        "SN", {"attention": "generator", **CHARBONNIER, **SN}, 0.6722, 0.6678,
    ),
    "attention_encoder_charbonnier_sn": (
        "Attention in encoder with CL and "
        "SN", {"attention": "encoder", **CHARBONNIER, **SN}, 0.7443, 0.6834,
    ),
}  # fmt: skip


def test_the_eight_rows_in_the_order_of_the_table():
    paper = papers.of("maheshwari")
    assert recipes.methods_of("maheshwari") == list(TABLE)
    assert "Maheshwari" in paper.source and len(paper.findings) > 3


@pytest.mark.parametrize("method", TABLE)
def test_settings_are_gan_mris_unit_but_for_what_the_row_names(method):
    settings = dataclasses.asdict(recipes.get(f"maheshwari/{method}"))
    assert settings == GAN_MRI | TABLE[method][1]


def test_adam_as_in_section_5_without_decay():
    recipe = recipes.get("maheshwari/baseline_rgb")
    assert (recipe.learning_rate, recipe.beta_1, recipe.beta_2) == (1e-4, 0.5, 0.999)
    assert recipe.epochs <= recipe.decay_epoch


@pytest.mark.parametrize("method", TABLE)
def test_every_recipe_can_be_turned_into_the_plain_baseline(method):
    plain = {
        "channels": 0,
        "image_loss": "mean_absolute_error",
        "spectral_normalization": False,
        "attention": "none",
    }
    recipe = recipes.get(f"maheshwari/{method}", **plain)
    assert dataclasses.asdict(recipe) == GAN_MRI


@pytest.mark.parametrize("method", TABLE)
def test_the_papers_ssim_stands_in_the_docstring_and_in_the_numbers(method):
    title, _, t1, t2 = TABLE[method]
    paper = papers.of("maheshwari")
    # A is T1w: synthetic T1 is B2A.
    assert paper.numbers["ssim_image"][method] == {"B2A": t1, "A2B": t2}
    text = " ".join(recipes.all_recipes()[f"maheshwari/{method}"].__doc__.split())
    assert f"SSIM {t1:.4f} (T1), {t2:.4f} (T2)" in text
    assert text.startswith(title)


def kinds(network):
    """Class names of all layers, those of inner networks too."""
    found = set()
    for layer in network.layers:
        found |= kinds(layer) if hasattr(layer, "layers") else {type(layer).__name__}
    return found


@pytest.mark.parametrize(
    ("method", "attentive", "channels"),
    [
        ("baseline_rgb", set(), 3),
        ("spectral_norm", set(), 1),
        ("attention_generator_charbonnier", {"generator_A", "generator_B"}, 1),
        ("attention_encoder_charbonnier_sn", {"encoder_A", "encoder_B"}, 1),
    ],
)
def test_networks_are_those_of_the_row(method, attentive, channels):
    model = gan_mri.build(f"maheshwari/{method}", (20, 16, 1), **tiny.SETTINGS)
    found = {name: kinds(network) for name, network in model.networks.items()}
    assert {name for name, layers in found.items() if "SelfAttention" in layers} == attentive
    normalized = "spectral_normalization" in TABLE[method][1]
    assert all(("SpectralNormalization" in layers) == normalized for layers in found.values())
    assert model.networks["encoder_A"].input_shape[-1] == channels
    assert model.networks["discriminator_B"].input_shape[-1] == channels


def paper_text():
    """Or skip: the paper lies beside the repository where it was written."""
    if not PAPER.is_file():
        pytest.skip(f"the paper is not at {PAPER}")
    return PAPER.read_text(encoding="utf-8")


def test_figure_7_a_is_the_papers():
    table = paper_text().split("Model\tSSIM")[1].split("(a) SSIM scores")[0]
    rows = re.findall(r"^([AB].*)\t(0\.\d+)\t(0\.\d+)$", table, flags=re.MULTILINE)
    assert rows == [(title, f"{t1:g}", f"{t2:g}") for title, _, t1, t2 in TABLE.values()]


def test_figure_7_b_is_the_papers():
    from gan_mri.papers.maheshwari.sections import OVER_EPOCHS

    table = paper_text().split("Model\tEpoch No.")[1].split("(b) SSIM scores")[0]
    rows = [
        tuple(map(float, row))
        for row in re.findall(r"\t(\d+)\t(0\.\d+)\t(0\.\d+)$", table, flags=re.MULTILINE)
    ]
    ours = [
        (epoch, t1, numbers["ssim_A2B"][epoch])
        for numbers in OVER_EPOCHS.values()
        for epoch, t1 in numbers["ssim_B2A"].items()
    ]
    assert len(rows) == 10 and ours == rows
    assert list(OVER_EPOCHS) == ["baseline_rgb", "attention_encoder_charbonnier_sn"]

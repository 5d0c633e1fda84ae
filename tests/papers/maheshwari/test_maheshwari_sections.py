import csv
import math
import types

import pretended
import pytest
import tiny

import gan_mri
from gan_mri import papers, recipes
from gan_mri.papers.maheshwari import sections as module
from gan_mri.papers.maheshwari.reconstruction_figure import Streams
from gan_mri.reporting.page import Listing, Paragraph, Picture, Table, Value

METHODS, PAPER = recipes.methods_of("maheshwari"), papers.of("maheshwari")
BEST = "attention_encoder_charbonnier_sn"
SMALL = {"filters": 2, "discriminator_filters": 2}


class FakeRun:
    """As much of a run as the sections read."""

    def __init__(self, method, *, measured=True, contrasts=("T1w", "T2w"), **settings):
        settings = {**vars(recipes.get(f"maheshwari/{method}")), **settings}
        self.config = {
            "recipe": f"maheshwari/{method}",
            "settings": settings,
            "data": {"contrasts": list(contrasts), "channels": 1},
        }
        self.history = [
            {
                "epoch": epoch,
                "G_total": 100.0 / epoch,
                "D_A_real": 20.0,
                "D_A_fake": 10.0,
                "ssim_A2B": 0.5 + epoch / 1000 if measured and epoch != 2 else None,
                "ssim_B2A": 0.25 + epoch / 1000 if measured and epoch != 2 else None,
            }
            for epoch in (1, 2, 3)
        ]


def summary(names, metrics=("ssim", "ssim_image"), contrasts=("T1w", "T2w")):
    """The later a method, the better."""
    return [
        pretended.row(name, metric, 0.5 + number / 100, direction=direction, contrast=contrast)
        for metric in metrics
        for number, name in enumerate(names)
        for direction, contrast in (("B2A", contrasts[0]), ("A2B", contrasts[1]))
    ]


@pytest.fixture
def attended(monkeypatch):
    """What `attention_figure` was asked to draw; nothing is drawn."""
    asked = []

    def attention_figure(path, network, images, *, labels):
        asked.append((path.name, network, images, labels))
        return pretended.write_picture(path)

    monkeypatch.setattr(module, "attention_figure", attention_figure)
    monkeypatch.setattr(
        module, "unit_translators", lambda run: {way: (run, way) for way in ("A2B", "B2A")}
    )
    monkeypatch.setattr(module, "_gamma", lambda network: 0.25)
    monkeypatch.setattr(FakeRun, "network", lambda run, name: name, raising=False)
    return asked


@pytest.fixture
def drawn(monkeypatch, attended):
    """Names of the runs whose images are drawn."""
    names = []

    def unit_streams(run):
        names.append(run.config["recipe"])
        images = tiny.images(5, 14, 11, 1)
        return {direction: Streams("sub-1", *images) for direction in ("A2B", "B2A")}

    monkeypatch.setattr(module, "unit_streams", unit_streams)
    return names


def make(folder, runs, rows=None, names=None):
    names = list(names or runs)
    evaluation = types.SimpleNamespace(
        methods=names, summary=summary(names) if rows is None else rows
    )
    return {
        section.title: section.blocks
        for section in module.sections(PAPER, runs, evaluation, folder)
    }


def titled(found, start):
    (blocks,) = (blocks for title, blocks in found.items() if title.startswith(start))
    return blocks


def tables(blocks):
    return [block for block in blocks if isinstance(block, Table)]


def text(blocks):
    return " ".join(block.text for block in blocks if isinstance(block, Paragraph))


def test_all_eight_models(tmp_path, drawn):
    found = make(tmp_path, {method: FakeRun(method) for method in METHODS})
    blocks = titled(found, "SSIM of the models")
    (table,) = tables(blocks)
    assert [row[0] for row in table.rows] == METHODS
    assert table.rows[0][1:3] == (Value("0.7563", "rank 3"), Value("0.5000 ± 0.1000", "rank 8"))
    assert table.rows[-1][2].best and table.rows[1][1].best
    (agreement,) = (block for block in blocks if isinstance(block, Listing))
    # Here the later, the better. In the paper's T1 column that is so of these pairs:
    paper = [PAPER.numbers["ssim_image"][method]["B2A"] for method in METHODS]
    same = sum(paper[i] < paper[j] for j in range(8) for i in range(j))
    assert agreement.items[0].startswith(f"T1w: {same} of 28 pairs of methods")
    assert "probably" in text(titled(found, "SSIM over the epochs"))
    assert drawn == ["maheshwari/baseline_rgb", f"maheshwari/{BEST}"]
    pictures = [block for part in found.values() for block in part if isinstance(block, Picture)]
    assert {picture.path.name for picture in pictures} >= {"figure5.png", "figure6.png"}
    assert all(picture.path.is_file() for picture in pictures)


def test_the_csv_files_hold_both(tmp_path, drawn):
    make(tmp_path, {method: FakeRun(method) for method in ("charbonnier", BEST)})
    with open(tmp_path / "figure7a.csv", newline="") as file:
        rows = {(row["method"], row["direction"]): row for row in csv.DictReader(file)}
    assert len(rows) == 16
    row = rows[BEST, "A2B"]
    assert [float(row[name]) for name in ("published", "mean", "ssim_foreground")] == [
        0.6834,
        0.51,
        0.51,
    ]
    assert rows["spectral_norm", "A2B"]["mean"] == ""
    with open(tmp_path / "figure7b.csv", newline="") as file:
        rows = {int(row["epoch"]): row for row in csv.DictReader(file)}
    assert sorted(rows) == [1, 3, 25, 50, 75, 100]
    assert (float(rows[3]["ssim_A2B"]), rows[3]["paper_ssim_A2B"]) == (0.503, "")
    assert (rows[75]["ssim_B2A"], float(rows[75]["paper_ssim_B2A"])) == ("", 0.7443)


def test_epochs_of_the_baseline_and_the_best_model_beside_the_papers(tmp_path, drawn):
    found = make(
        tmp_path, {method: FakeRun(method) for method in ("baseline_gray", "charbonnier", BEST)}
    )
    gray, best = tables(titled(found, "SSIM over the epochs"))
    assert "baseline_gray" in gray.caption and BEST in best.caption
    assert gray.rows[0] == (1, Value("0.7596"), Value("0.2510"), Value("0.7141"), Value("0.5010"))
    assert best.rows[1] == (3, None, Value("0.2530"), None, Value("0.5030"))
    assert drawn == ["maheshwari/baseline_gray", f"maheshwari/{BEST}"]


@pytest.mark.parametrize(
    ("methods", "shown"),
    [
        (["charbonnier"], ["charbonnier"]),
        (
            ["charbonnier", "spectral_norm", "attention_generator"],
            ["charbonnier", "attention_generator"],
        ),
        (["baseline_rgb", "baseline_gray", "charbonnier"], ["baseline_rgb"]),
        (["charbonnier", BEST], [BEST]),
    ],
)
def test_without_baseline_and_best_others_are_looked_at(tmp_path, drawn, methods, shown):
    found = make(tmp_path, {method: FakeRun(method) for method in methods})
    assert drawn == [f"maheshwari/{method}" for method in shown]
    assert len(tables(titled(found, "SSIM over the epochs"))) == len(shown)
    assert len(tables(titled(found, "SSIM of the models"))[0].rows) == 8


def test_names_are_those_of_the_evaluation(tmp_path, drawn):
    runs = {"one": FakeRun("baseline_gray"), "two": FakeRun("baseline_gray")}
    found = make(tmp_path, runs, names=["baseline_gray (one)", "baseline_gray (two)"])
    (table,) = tables(titled(found, "SSIM of the models"))
    assert [row[0] for row in table.rows][1:3] == ["baseline_gray (one)", "baseline_gray (two)"]
    assert table.rows[1][1] == table.rows[2][1] == Value("0.7617", "rank 1", True)
    assert "baseline_gray (one)" in tables(titled(found, "SSIM over the epochs"))[0].caption


def test_unpaired_data_have_no_ssim_and_it_is_said(tmp_path, drawn):
    runs = {method: FakeRun(method, measured=False) for method in ("baseline_gray", BEST)}
    found = make(tmp_path, runs, rows=summary(runs, metrics=("sharpness",)))
    for start in ("SSIM of the models", "SSIM over the epochs"):
        assert not tables(titled(found, start))
        assert "pairs" in text(titled(found, start))
    assert not list(tmp_path.glob("*.csv"))
    assert (tmp_path / "figure5.png").is_file() and (tmp_path / "figure6.png").is_file()


def test_other_contrasts_than_the_papers_are_pointed_out(tmp_path, drawn):
    contrasts = ("T2w", "FLAIR")
    runs = {"charbonnier": FakeRun("charbonnier", contrasts=contrasts)}
    found = make(tmp_path, runs, rows=summary(runs, contrasts=contrasts))
    assert "synthetic T1 beside T2w and of synthetic T2 beside FLAIR" in text(
        titled(found, "SSIM of the models")
    )
    assert "T2w: here" in tables(titled(found, "SSIM of the models"))[0].header
    found = make(tmp_path, {"charbonnier": FakeRun("charbonnier")})
    assert "beside" not in text(titled(found, "SSIM of the models"))


@pytest.fixture
def losses(monkeypatch):
    calls = []

    def loss_figure(path, histories, panels, *, chance):
        calls.append((panels, chance))
        return path

    monkeypatch.setattr(module, "loss_figure", loss_figure)
    return calls


def test_losses_with_and_without_spectral_normalization(tmp_path, drawn, losses):
    make(tmp_path, {method: FakeRun(method) for method in METHODS})
    ((panels, chance),) = losses
    without, with_it = panels.values()
    assert with_it == ["spectral_norm", "attention_generator_charbonnier_sn", BEST]
    assert without == [method for method in METHODS if method not in with_it]
    # Four judgements of the real UNIT, each at every scale, weighted by 10.
    networks = gan_mri.build("maheshwari/baseline_gray", (20, 16, 1), **SMALL).networks
    outputs = sum(len(networks[f"discriminator_{domain}"].outputs) for domain in "AB")
    assert chance == pytest.approx(10 * 2 * outputs * -math.log(0.5))


@pytest.mark.parametrize("settings", [{"adversarial_weight": 5.0}, {"weight_decay": 1e-4}])
def test_no_line_of_guessing_where_the_losses_are_weighted_differently(
    tmp_path, drawn, losses, settings
):
    make(
        tmp_path,
        {
            "charbonnier": FakeRun("charbonnier"),
            "spectral_norm": FakeRun("spectral_norm", **settings),
        },
    )
    assert losses[0][1] is None


@pytest.mark.parametrize(
    ("methods", "attentive"),
    [
        (METHODS, BEST),
        ([BEST, "attention_generator"], BEST),
        (
            ["charbonnier", "attention_generator", "attention_generator_charbonnier"],
            "attention_generator",
        ),
    ],
)
def test_attention_of_the_best_model_or_else_of_the_first(
    tmp_path, drawn, attended, methods, attentive
):
    runs = {method: FakeRun(method) for method in methods}
    pictures = titled(make(tmp_path, runs), "Attention")
    assert [name for name, *_ in attended] == ["figure3_A2B.png", "figure3_B2A.png"]
    assert [network for _, network, *_ in attended] == [
        (runs[attentive], "A2B"),
        (runs[attentive], "B2A"),
    ]
    assert [labels for *_, labels in attended] == [["T1w"], ["T2w"]]
    # Of 14 x 11 pixels: whole strides of 4.
    assert all(
        (images == tiny.images(5, 14, 11, 1)[:1, :12, :8]).all() for _, _, images, _ in attended
    )
    assert all(picture.caption.startswith(f"{attentive}, T") for picture in pictures)


def test_attention_of_volumes_is_not_drawn_and_it_is_said(tmp_path, drawn, attended, monkeypatch):
    volumes = tiny.images(5, 14, 11, 9, 1)
    both = {way: Streams("sub-1", *volumes) for way in ("A2B", "B2A")}
    monkeypatch.setattr(module, "unit_streams", lambda run: both)
    found = make(tmp_path, {BEST: FakeRun(BEST)})
    assert "for slices only" in text(titled(found, "Attention")) and not attended
    assert (tmp_path / "figure5.png").is_file()


def test_models_without_attention_have_no_such_section(tmp_path, drawn, attended):
    found = make(tmp_path, {"charbonnier": FakeRun("charbonnier")})
    assert not attended and not any(title.startswith("Attention") for title in found)


@pytest.mark.parametrize(
    ("method", "networks"), [(BEST, "encoder"), ("attention_generator", "generator")]
)
def test_gamma_is_that_of_the_network_with_the_attention(
    tmp_path, drawn, monkeypatch, method, networks
):
    monkeypatch.setattr(module, "_gamma", {f"{networks}_A": 0.125, f"{networks}_B": -0.5}.get)
    pictures = titled(make(tmp_path, {method: FakeRun(method)}), "Attention")
    # A2B: the encoder of A, the generator of B.
    first, second = ("+0.125", "-0.5") if networks == "encoder" else ("-0.5", "+0.125")
    assert (
        f"gamma = {first}," in pictures[0].caption and f"gamma = {second}," in pictures[1].caption
    )


def test_gamma_of_a_real_encoder():
    encoder = gan_mri.build(f"maheshwari/{BEST}", (20, 16, 1), residual_blocks=0, **SMALL).networks[
        "encoder_A"
    ]
    assert module._gamma(encoder) == 0.0
    (layer,) = (layer for layer in encoder.layers if type(layer).__name__ == "SelfAttention")
    layer.gamma.assign(0.5)
    assert module._gamma(encoder) == 0.5

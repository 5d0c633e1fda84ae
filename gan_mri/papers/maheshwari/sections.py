"""Tables and figures of paper 002 for a comparison's page, beside the paper's own numbers."""

import math

from gan_mri.layers import SelfAttention
from gan_mri.networks.unit import STRIDE
from gan_mri.papers.maheshwari.attention_figure import attention_figure
from gan_mri.papers.maheshwari.epoch_tables import epoch_rows, epoch_table
from gan_mri.papers.maheshwari.loss_figure import loss_figure
from gan_mri.papers.maheshwari.reconstruction_figure import (
    reconstruction_figure,
    unit_streams,
    unit_translators,
)
from gan_mri.papers.published_table import order_agreement, published_rows, published_table
from gan_mri.reporting.page import Listing, Paragraph, Picture, Section
from gan_mri.reporting.tables import write_csv_table

_PAPER = "maheshwari/"
_BASELINES = ("baseline_rgb", "baseline_gray")
_BEST = "attention_encoder_charbonnier_sn"

#: Figure 7 b: SSIM of synthetic T1 (B2A) and T2 (A2B) after an epoch. Its "Baseline" has the
#: values of Figure 7 a's RGB row.
OVER_EPOCHS = {
    "baseline_rgb": {
        "ssim_B2A": {1: 0.7596, 25: 0.7240, 50: 0.7561, 75: 0.7563, 100: 0.7567},
        "ssim_A2B": {1: 0.7141, 25: 0.7086, 50: 0.7160, 75: 0.7145, 100: 0.7160},
    },
    _BEST: {
        "ssim_B2A": {1: 0.6427, 25: 0.7396, 50: 0.7341, 75: 0.7443, 100: 0.7486},
        "ssim_A2B": {1: 0.6245, 25: 0.6502, 50: 0.6510, 75: 0.6834, 100: 0.7176},
    },
}

# Of `gan_mri.networks.unit_discriminator`: each judges at that many scales.
_SCALES = 3


def sections(paper, runs, evaluation, folder, *, progress=True):
    """The paper's Figures 7 a, 7 b, 6 and 5, and the map of its Figure 3 b.

    Parameters
    ----------
    paper : gan_mri.papers.paper.Paper
    runs : dict of str to gan_mri.runs.run.Run
        Any of the methods; they need not be named as in the paper.
    evaluation : gan_mri.evaluation.report.Evaluation
        Of the same runs in the same order.
    folder : Path
        Takes `figure7a.csv`, `figure7b.csv` and the pictures.

    Returns
    -------
    list of gan_mri.reporting.page.Section
    """
    runs = dict(zip(evaluation.methods, runs.values(), strict=True))
    methods = {name: run.config["recipe"].removeprefix(_PAPER) for name, run in runs.items()}
    a, b = next(iter(runs.values())).config["data"]["contrasts"]
    contrasts = {"A2B": b, "B2A": a}
    shown = _baseline_and_best(methods)
    streams = {name: unit_streams(runs[name]) for name in shown}
    images = next(iter(streams.values()))
    return [
        _ssim(paper, methods, evaluation.summary, contrasts, folder),
        _over_epochs(runs, methods, shown, contrasts, folder),
        _losses(runs, methods, folder),
        _images(streams, contrasts, folder),
        *_attention(runs, methods, images, contrasts, folder),
    ]


def _baseline_and_best(methods):
    """Names of the runs that the paper looks at closely; where neither is there, the first and the
    last.
    """
    of = {method: name for name, method in reversed(methods.items())}
    shown = [of[method] for method in _BASELINES if method in of][:1]
    shown += [of[_BEST]] if _BEST in of else []
    return shown or list(dict.fromkeys([*methods][:1] + [*methods][-1:]))


def _ssim(paper, methods, summary, contrasts, folder):
    title = "SSIM of the models (the paper's Figure 7 a)"
    if not any(row["metric"] == "ssim_image" for row in summary):
        text = "The test part holds no pairs: without the real images there is no SSIM."
        return Section(title, (Paragraph(text),))
    published = paper.numbers["ssim_image"]
    rows = published_rows(published, methods, summary, "ssim_image")
    inside = published_rows(published, methods, summary, "ssim")
    header = [*rows[0], "ssim_foreground"]
    lines = [[*row.values(), other["mean"]] for row, other in zip(rows, inside)]
    write_csv_table(folder / "figure7a.csv", header, lines)
    blocks = [
        Paragraph(
            "The paper: one training of 75 epochs, mean over 213 test images of the Human "
            "Connectome Project. Here: the "
            "last epoch, mean ± standard deviation over test subjects, over the whole image as "
            "the paper's numbers "
            "seem to be (it does not say), and over the foreground alone. The background raises "
            "the former where it is "
            "empty in both images and lowers it where there is noise, the more the larger the "
            "field of view. So compare "
            "orders rather than values. Every digit: figure7a.csv."
        ),
        published_table(
            rows,
            {"here, foreground": inside},
            caption="SSIM, the paper's and here (bold: the best)",
        ),
    ]
    if list(contrasts.values()) != ["T2w", "T1w"]:
        blocks.append(
            Paragraph(
                "The paper translated T1 (A) and T2 (B) images. The contrasts here are others, "
                "so its numbers are of "
                f"synthetic T1 beside {contrasts['B2A']} and of synthetic T2 beside "
                f"{contrasts['A2B']}."
            )
        )
    agreement = order_agreement(rows)
    if agreement:
        blocks += [
            Listing(agreement),
            Paragraph(
                "Every model was trained once, in the paper and here: neighbours in the order "
                "may well change places "
                "with another seed."
            ),
        ]
    return Section(title, tuple(blocks))


def _over_epochs(runs, methods, shown, contrasts, folder):
    title = "SSIM over the epochs (the paper's Figure 7 b)"
    titles = {"ssim_B2A": contrasts["B2A"], "ssim_A2B": contrasts["A2B"]}
    tables, lines = [], []
    for name in shown:
        # The grey baseline stands in for the RGB one: the paper has one baseline here.
        method = "baseline_rgb" if methods[name] in _BASELINES else methods[name]
        rows = epoch_rows(runs[name].history, list(titles), OVER_EPOCHS.get(method))
        if not any(value is not None for row in rows for value in row["here"].values()):
            continue
        tables.append(epoch_table(rows, titles, caption=f"SSIM of {name} (empty: not measured)"))
        lines += [
            [name, row["epoch"], *row["here"].values(), *row["published"].values()] for row in rows
        ]
    if not tables:
        text = "No SSIM was measured during training: that needs pairs among the held-out images."
        return Section(title, (Paragraph(text),))
    header = ["method", "epoch", *titles, *(f"paper_{column}" for column in titles)]
    write_csv_table(folder / "figure7b.csv", header, lines)
    text = (
        "Here: up to 32 held-out slices or 4 volumes (of the validation part if there is one, "
        "else of the test part), foreground, as "
        "often as evaluate_every says. The paper: the test set, probably the whole image. So "
        "compare the course, not the "
        "level. The paper finds that its best model improves over the epochs and the baseline "
        "hardly. Every digit: "
        "figure7b.csv; as curves: evaluation/curves.png."
    )
    return Section(title, (Paragraph(text), *tables))


def _losses(runs, methods, folder):
    normalized = [
        name for name, run in runs.items() if run.config["settings"].get("spectral_normalization")
    ]
    panels = {
        "a) without spectral normalisation": [name for name in runs if name not in normalized],
        "b) with spectral normalisation": normalized,
    }
    histories = {name: run.history for name, run in runs.items()}
    path = loss_figure(folder / "figure6.png", histories, panels, chance=_guessing(runs))
    title = "Losses (the paper's Figure 6)"
    if path is None:
        return Section(title, (Paragraph("No run has losses of generators or discriminators."),))
    caption = (
        f"Means of every epoch, weighted as in the update ({path.name}). Guessing: every "
        "discriminator says 1/2 to every "
        "image; the further below, the better they tell real from synthetic images. The paper "
        "reads its curves as "
        "overfitting from epoch 13 (baseline), 11 (Charbonnier), 1 (attention), and hardly any "
        "with attention and spectral "
        "normalisation (section 6.2). With the Charbonnier penalty the total holds another loss "
        "than without."
    )
    return Section(title, (Picture(path, caption),))


def _guessing(runs):
    """The discriminators' sum if each says 1/2: real and synthetic images, two contrasts, three
    scales.
    """
    settings = [run.config["settings"] for run in runs.values()]
    weights = {one.get("adversarial_weight") for one in settings}
    if len(weights) > 1 or None in weights or any(one.get("weight_decay") for one in settings):
        return None
    return weights.pop() * 2 * 2 * _SCALES * math.log(2)


def _images(streams, contrasts, folder):
    path = reconstruction_figure(folder / "figure5.png", streams, contrasts)
    caption = (
        "One test subject: translated into the other contrast, reconstructed (encoded, and "
        "shown in its own contrast), "
        f"and translated there and back ({path.name})"
    )
    return Section(
        "Translated and reconstructed images (the paper's Figure 5)", (Picture(path, caption),)
    )


def _attention(runs, methods, images, contrasts, folder):
    """Where positions of one test image of each contrast look; nothing if no model attends."""
    attentive = [
        name
        for name, run in runs.items()
        if run.config["settings"].get("attention", "none") != "none"
    ]
    attentive.sort(key=lambda name: methods[name] != _BEST)
    for name in attentive[:1]:
        where, translators = (
            runs[name].config["settings"]["attention"],
            unit_translators(runs[name]),
        )
        if any(one.source.ndim == 4 for one in images.values()):
            text = f"{name} attends in three dimensions; its maps are drawn for slices only."
            yield Section("Attention maps (the paper's Figure 3 b)", (Paragraph(text),))
            return
        pictures = []
        for direction, one in images.items():
            # Whole strides: then a feature covers as many pixels everywhere.
            rows, columns = (size // STRIDE * STRIDE for size in one.source.shape[:2])
            source, target = contrasts[direction[::-1]], contrasts[direction]
            path = attention_figure(
                folder / f"figure3_{direction}.png",
                translators[direction],
                one.source[None, :rows, :columns],
                labels=[source],
            )
            domain = direction[0] if where == "encoder" else direction[-1]
            gamma = _gamma(runs[name].network(f"{where}_{domain}"))
            caption = (
                f"{name}, {source} to {target}: where three positions (circles: the centre, a "
                "strong edge, the border "
                f"of the head) look in the attention of the {where} ({path.name}). One "
                "logarithmic scale for the figure, in multiples of the mean weight. What is "
                "found is added "
                f"times gamma = {gamma:+.3g}, which training began at 0."
            )
            pictures.append(Picture(path, caption))
        yield Section("Attention maps (the paper's Figure 3 b)", tuple(pictures))


def _gamma(network):
    (layer,) = (layer for layer in network.layers if isinstance(layer, SelfAttention))
    return float(layer.gamma)

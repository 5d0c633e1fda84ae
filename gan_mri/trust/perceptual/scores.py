"""What the answers of a study say: accuracy, against chance, and agreement."""

import itertools

from scipy.stats import binomtest, fisher_exact

from gan_mri.trust.perceptual.key import REAL, SYNTHETIC

#: In place of a reader or a contrast: all together.
ALL = "all"


def scores(key, answers):
    """How well every reader told every method's images from real ones.

    Parameters
    ----------
    key : gan_mri.trust.perceptual.key.Key
    answers : list of gan_mri.trust.perceptual.key.Answers

    Returns
    -------
    list of dict
        One for every reader, contrast and method that has images (and "all" of each, where there
        are several):
        reader, contrast, method; real_called_real, real_called_synthetic,
        synthetic_called_real, synthetic_called_synthetic (counts; the real images are those of
        the contrast, the same for all methods); accuracy, low, high: of the method's images
        alone how many were called synthetic, with Wilson's 95 % interval; balanced: mean of that
        and of the share of real ones called real; p: see `against_chance`.
    """
    rows = []
    readers = [ALL, *(one.reader for one in answers)] if len(answers) > 1 else [answers[0].reader]
    contrasts = [ALL, *key.contrasts] if len(key.contrasts) > 1 else key.contrasts
    methods = [ALL, *key.methods] if len(key.methods) > 1 else key.methods
    for reader, contrast, method in itertools.product(readers, contrasts, methods):
        mine = [one for one in answers if reader in (ALL, one.reader)]
        table = {(truth, call): 0 for truth in (REAL, SYNTHETIC) for call in (REAL, SYNTHETIC)}
        for one, (name, image) in itertools.product(mine, key.images.items()):
            if contrast in (ALL, image.contrast) and (
                image.method is None or method in (ALL, image.method)
            ):
                truth = REAL if image.method is None else SYNTHETIC
                table[truth, one.calls[name]] += 1
        if all(table[truth, REAL] + table[truth, SYNTHETIC] for truth in (REAL, SYNTHETIC)):
            rows.append({"reader": reader, "contrast": contrast, "method": method, **_row(table)})
    return rows


def _row(table):
    found, missed = table[SYNTHETIC, SYNTHETIC], table[SYNTHETIC, REAL]
    kept, doubted = table[REAL, REAL], table[REAL, SYNTHETIC]
    accuracy, low, high = share(found, found + missed)
    return {
        "real_called_real": kept,
        "real_called_synthetic": doubted,
        "synthetic_called_real": missed,
        "synthetic_called_synthetic": found,
        "accuracy": accuracy,
        "low": low,
        "high": high,
        "balanced": (accuracy + kept / (kept + doubted)) / 2,
        "p": against_chance(found, missed, doubted, kept),
    }


def share(count, of):
    """A share with its 95 % interval.

    Parameters
    ----------
    count, of : int

    Returns
    -------
    (float, float, float)
        Share, low and high.

    References
    ----------
    E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
    Journal of the American Statistical Association 22 (1927) 209-212.
    """
    interval = binomtest(count, of).proportion_ci(0.95, method="wilson")
    return count / of, float(interval.low), float(interval.high)


def against_chance(found, missed, doubted, kept):
    """Whether a reader calls synthetic images synthetic more often than real ones.

    Fisher's exact test, one-sided. It asks nothing about how many images a reader takes for
    synthetic on the whole: one who calls everything synthetic finds every synthetic image, and
    does not do better than chance.

    Parameters
    ----------
    found, missed : int
        Synthetic images called synthetic, and real.
    doubted, kept : int
        Real images called synthetic, and real.

    Returns
    -------
    float
        p.
    """
    return float(fisher_exact([[found, missed], [doubted, kept]], alternative="greater").pvalue)


def agreement(key, answers):
    """Cohen's kappa of every two readers.

    Parameters
    ----------
    key : gan_mri.trust.perceptual.key.Key
    answers : list of gan_mri.trust.perceptual.key.Answers

    Returns
    -------
    list of dict
        first, second, images, agreed (a share), kappa: 1 for readers who always agree, 0 for
        those who agree as often as chance has it; None where both gave one answer only.

    References
    ----------
    J. Cohen, "A coefficient of agreement for nominal scales", Educational and Psychological
    Measurement 20 (1960) 37-46.
    """
    rows = []
    for first, second in itertools.combinations(answers, 2):
        pairs = [(first.calls[name], second.calls[name]) for name in key.images]
        agreed = sum(one == other for one, other in pairs) / len(pairs)
        real = [sum(pair[reader] == REAL for pair in pairs) / len(pairs) for reader in (0, 1)]
        by_chance = real[0] * real[1] + (1 - real[0]) * (1 - real[1])
        rows.append(
            {
                "first": first.reader,
                "second": second.reader,
                "images": len(pairs),
                "agreed": agreed,
                "kappa": None if by_chance == 1 else (agreed - by_chance) / (1 - by_chance),
            }
        )
    return rows

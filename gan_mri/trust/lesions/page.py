"""The page of the report, for people who read images and no code."""

from gan_mri.reporting.page import Listing, Paragraph, Picture, Section, Table, Value, write_page
from gan_mri.trust.lesions.contrast import LEAST_DEVIATION, SHELL, VERDICTS
from gan_mri.trust.lesions.invented import AROUND_LESIONS, NEARBY, RIM, SHARE, SURROUNDINGS

#: Rows of a table on the page; all of them are in the CSV file.
_MOST_ROWS = 200
_MEANING = {
    "kept": "shown about as clearly as in the real image",
    "faded": "still there, but much weaker",
    "lost": "gone, or shown dark for bright or bright for dark",
    "unseen": "hardly visible in the real image of this contrast either: nothing to be kept",
}
NOT_FOR_DIAGNOSIS = (
    "Not for diagnosis. A synthetic image is made by a computer program that has learned what such "
    "images usually look like; it can hide a lesion or show one that is not there. This report "
    "counts how often that happened on the subjects below, and says nothing about others."
)


def write_report_page(path, report, pictures):
    """Write `index.html`.

    Parameters
    ----------
    path : Path
    report : dict
        The content of `summary.json`, with the rows of lesions.csv and invented.csv as "rows" and
        "places".
    pictures : dict of str to Path or None
        "contrasts", "invented", and one for each verdict.

    Returns
    -------
    Path
    """
    sections = [
        Section("At a glance", tuple(_glance(report))),
        Section("Subjects", (_subjects(report),)),
    ]
    if pictures["contrasts"] is not None:
        caption = (
            "Every lesion: how much it stands out in the synthetic image (up) against the real one "
            "(to the right). On the solid line both are equal; above the upper dashed line it is "
            "kept, below the lower one lost. Larger dots are larger lesions."
        )
        overview = Picture(pictures["contrasts"], caption)
        sections.append(Section("All lesions in one picture", (overview,)))
    sections += _shown(report, pictures)
    sections += [_lesions(report), _invented(report), _how(report)]
    title = f"Lesions in synthetic {report['target']} images"
    return write_page(path, title, sections, lead=NOT_FOR_DIAGNOSIS)


def _glance(report):
    total = report["total"]
    made = " and ".join(report["sources"])
    count = _counted(len(report["subjects"]), "subject or session", "subjects or sessions")
    yield Paragraph(
        f"{report['target']} images were made from {made} images of {count}, and compared with "
        f"the real {report['target']} images at {_counted(total['lesions'], 'lesion', 'lesions')} "
        f"({total['lesion_ml']:.2f} mL) that the masks mark."
    )
    rows = tuple(
        (name, total[name], _percent(total[name], total["lesions"]), _MEANING[name])
        for name in VERDICTS
    )
    yield Table(("lesions", "number", "of all", "what it means"), rows)
    if total["invented"] is None:
        yield Paragraph(
            "Whether lesions were invented is not known: no lesion stands out in a real image "
            "here, so that there is no measure of what looks like one."
        )
    else:
        yield Paragraph(
            f"Invented: at {_counted(total['invented'], 'place', 'places')} outside the masks, "
            f"{total['invented_ml']:.2f} mL in all, the synthetic image stands out as lesions do, "
            "and the real one does not."
        )
    if report["trained_on"]:
        yield Paragraph(
            f"Warning: the model was trained on {', '.join(report['trained_on'])}. What is "
            "reported of these subjects says nothing about new ones."
        )


def _counted(number, one, more):
    return f"{number:,} {one if number == 1 else more}"


def _percent(part, whole):
    return f"{100 * part / whole:.0f} %" if whole else "-"


def _subjects(report):
    header = ("subject", "lesions", *VERDICTS, "lesions / mL", "invented", "invented / mL")
    rows = tuple(
        (
            row["subject"],
            row["lesions"],
            *(row[name] for name in VERDICTS),
            Value(f"{row['lesion_ml']:.2f}"),
            row["invented"],
            None if row["invented_ml"] is None else Value(f"{row['invented_ml']:.2f}"),
        )
        for row in report["per_subject"]
    )
    return Table(header, rows)


def _shown(report, pictures):
    """A section for the largest lesions of every verdict, and one for what was invented."""
    for name in VERDICTS:
        if pictures[name] is not None:
            caption = (
                f"The largest lesions that are {name}: {_MEANING[name]}. The yellow line goes "
                "around the mask. Axial plane through the center of the lesion, the patient's "
                "left on the left."
            )
            yield Section(f"Lesions {name}", (Picture(pictures[name], caption),))
    if pictures["invented"] is not None:
        caption = (
            "The largest places that look like a lesion in the synthetic image alone. The pink "
            "line goes around the place. Axial plane through its center, the patient's left on "
            "the left."
        )
        yield Section("Invented", (Picture(pictures["invented"], caption),))


def _lesions(report):
    header = ("lesion", "volume / mL", "center x, y, z / mm", "real", "synthetic", "share", "")
    rows = tuple(
        (
            f"{row['subject']}, no. {row['number']}",
            Value(f"{row['volume_ml']:.3f}"),
            Value(_center(row)),
            _number(row["contrast_real"], 1),
            _number(row["contrast_synthetic"], 1),
            _number(row["share"], 2),
            row["verdict"],
        )
        for row in report["rows"][:_MOST_ROWS]
    )
    blocks = [Table(header, rows, "Contrast of every lesion")] if rows else []
    blocks.append(Paragraph(_rest(len(report["rows"]), "lesions.csv")))
    return Section("Every lesion", tuple(blocks))


def _invented(report):
    header = ("place", "volume / mL", "center x, y, z / mm", "too bright (+) or dark (-) by")
    rows = tuple(
        (
            f"{row['subject']}, no. {row['number']}",
            Value(f"{row['volume_ml']:.3f}"),
            Value(_center(row)),
            Value(f"{row['difference'] / 2:+.0%}"),
        )
        for row in report["places"][:_MOST_ROWS]
    )
    blocks = [Table(header, rows, "In percent of the contrast's range of gray")] if rows else []
    blocks.append(Paragraph(_rest(len(report["places"]), "invented.csv")))
    return Section("Every invented place", tuple(blocks))


def _center(row):
    return ", ".join(f"{row[name]:.0f}" for name in ("x_mm", "y_mm", "z_mm"))


def _number(value, digits):
    return None if value is None else Value(f"{value:.{digits}f}")


def _rest(count, name):
    if count == 0:
        return "None."
    shown = f"The {_MOST_ROWS} first of {count}; all" if count > _MOST_ROWS else "The same"
    return f"{shown}, with every digit, in {name}."


def _how(report):
    options = report["options"]
    typical = report["typical_difference"]
    what = (
        "not known here, as no lesion is seen"
        if typical is None
        else f"{abs(typical) / 2:.1%} of the range of gray, {'bright' if typical > 0 else 'dark'}"
    )
    return Section(
        "How it was measured",
        (
            Listing(
                (
                    f"A lesion is a connected part of the mask of at least {options['min_voxels']} "
                    "voxels (corners connect).",
                    "Contrast: mean of the lesion minus median of its surroundings, over the "
                    "deviation of the surroundings in the real image (1.4826 times the median "
                    f"absolute deviation, at least {LEAST_DEVIATION / 2:.0%} of the range of "
                    "gray). The surroundings are a "
                    f"shell {SHELL:g} mm thick, a voxel away from the lesion, without other "
                    "lesions and air. The real image's deviation counts for both images.",
                    f"Kept: the synthetic contrast is at least {options['kept']:g} of the real "
                    f"one; faded: at least {options['lost']:g}; lost: less. Unseen: the real "
                    f"contrast is under {options['seen']:g}.",
                    f"Invented: the synthetic image exceeds the mean of the {SURROUNDINGS:g} mm "
                    f"around it by at least {SHARE:g} of what the lesions here stand out by "
                    f"(median, {what}), and exceeds by as much what the real image has within "
                    f"{NEARBY:g} mm, so that blur and small shifts are not counted; "
                    f"at least {options['min_volume']:g} mm3, not within {AROUND_LESIONS:g} mm of "
                    f"a mask or {RIM:g} mm of the rim of the head. Every such error counts, also "
                    "one that no radiologist would take for a lesion.",
                    "Gray values: each image by the window of its contrast, as the model was "
                    "trained.",
                )
            ),
            Table(
                ("", "of this report"),
                (
                    ("model", report["run"]),
                    ("direction", report["direction"]),
                    ("images", report["data"]),
                    ("masks", report["masks"]),
                    ("files brought to one grid", report["options"]["align"]),
                    ("gan_mri", report["versions"]["gan_mri"]),
                ),
            ),
        ),
    )

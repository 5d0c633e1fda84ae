from gan_mri.trust.lesions.contrast import VERDICTS
from gan_mri.trust.lesions.findings import subject_rows, totals
from gan_mri.trust.lesions.page import write_report_page

NO_PICTURES = dict.fromkeys((*VERDICTS, "invented", "contrasts"))


def row(verdict, real, share, **more):
    synthetic = None if real is None else real * (share or 0)
    return {
        "subject": "sub-<b>1", "number": 1, "voxels": 5, "volume_ml": 0.5, "x_mm": 1.2,
        "y_mm": -3.0, "z_mm": 10.0, "contrast_real": real, "contrast_synthetic": synthetic,
        "share": share, "verdict": verdict, **more,
    }  # fmt: skip


class Case:
    label = "sub-<b>1"


def report(rows, places=(), *, typical=0.3, trained_on=()):
    known = typical is not None
    return {
        "target": "T2<i>w", "sources": ["T1w", "PDw"], "subjects": ["sub-<b>1"], "rows": rows,
        "places": list(places), "typical_difference": typical, "trained_on": list(trained_on),
        "total": totals(rows, places, known=known),
        "per_subject": subject_rows([Case()], rows, places, known=known),
        "options": {"min_voxels": 3, "kept": 0.5, "lost": 0.2, "seen": 1.0, "min_volume": 14.0,
                    "align": "none"},
        "run": "runs/<x>", "direction": "A2B", "data": "bids", "masks": "masks",
        "versions": {"gan_mri": "1"},
    }  # fmt: skip


def test_the_page_says_in_words_what_was_found(tmp_path):
    rows = [row("kept", 4.0, 0.75), row("lost", -4.0, 0.0), row("unseen", None, None)]
    places = [{**row("", 1, 1), "difference": -0.5, "volume_ml": 0.25}]
    text = write_report_page(tmp_path / "a.html", report(rows, places), NO_PICTURES).read_text()
    assert "Not for diagnosis" in text
    assert "made from T1w and PDw images of 1 subject or session" in text
    assert "at 3 lesions (1.50 mL)" in text and "33 %" in text
    assert "at 1 place outside the masks, 0.25 mL" in text and "-25%" in text
    assert "15.0% of the range of gray, bright" in text
    assert "1, -3, 10" in text and "0.75" in text
    assert "was trained on" not in text


def test_names_are_no_markup(tmp_path):
    text = write_report_page(
        tmp_path / "a.html", report([row("kept", 4.0, 1.0)], trained_on=["sub-<b>1"]), NO_PICTURES
    ).read_text()
    assert "<b>" not in text and "<i>" not in text and "<x>" not in text
    assert "the model was trained on sub-&lt;b&gt;1" in text


def test_without_visible_lesions_it_is_said_that_nothing_is_known(tmp_path):
    found = report([row("unseen", 0.4, None)], typical=None)
    assert found["total"]["invented"] is None and found["per_subject"][0]["invented_ml"] is None
    text = write_report_page(tmp_path / "a.html", found, NO_PICTURES).read_text()
    assert "Whether lesions were invented is not known" in text and "not known here" in text


def test_long_tables_are_cut_and_say_where_the_rest_is(tmp_path):
    rows = [row("kept", 4.0, 1.0, number=number) for number in range(250)]
    text = write_report_page(tmp_path / "a.html", report(rows), NO_PICTURES).read_text()
    assert "The 200 first of 250; all, with every digit, in lesions.csv" in text
    assert "no. 199" in text and "no. 200" not in text

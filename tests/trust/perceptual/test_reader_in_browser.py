"""The readers' page in a headless browser, from the first click to the score."""

import json
import shutil
import time

import numpy as np
import pytest

from gan_mri import study
from gan_mri.trust.perceptual.key import Key
from gan_mri.trust.perceptual.page import reader_page
from gan_mri.trust.perceptual.pictures import to_png

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402

_DRIVER, _BROWSER = shutil.which("chromedriver"), shutil.which("chromium")
pytestmark = pytest.mark.skipif(
    not (_DRIVER and _BROWSER), reason="chromium and chromedriver are not installed"
)

STUDY = "0123456789abcdef"
#: Images of each contrast: real, and of two methods.
COUNTS = {None: 8, "cyclegan": 4, "unit": 4}


@pytest.fixture
def folder(tmp_path):
    """A study of 32 images, each of another grey."""
    images, entries = {}, []
    kinds = [(c, m) for c in ("T1w", "<T2w>") for m, count in COUNTS.items() for _ in range(count)]
    for number, (contrast, method) in enumerate(kinds):
        name = f"{(number * 2654435761) % 2**32:08x}"
        grey = np.full((8, 8, 1), -1 + 2 * number / len(kinds))
        images[name] = contrast, to_png(grey)
        entries.append({"image": name, "contrast": contrast, "method": method, "label": "sub-01"})
    content = {"format": 1, "study": STUDY, "methods": ["cyclegan", "unit"], "images": entries}
    (tmp_path / "key.json").write_text(json.dumps(content))
    (tmp_path / "reader.html").write_text(reader_page(STUDY, images), encoding="utf-8")
    return tmp_path


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    options = webdriver.ChromeOptions()
    options.binary_location = _BROWSER
    for word in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(word)
    downloads = tmp_path_factory.mktemp("downloads")
    options.add_experimental_option("prefs", {"download.default_directory": str(downloads)})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options, webdriver.ChromeService(_DRIVER))
    driver.downloads = downloads
    yield driver
    driver.quit()


def begin(browser, folder, reader):
    browser.get((folder / "reader.html").as_uri())
    browser.find_element(By.ID, "reader").send_keys(reader, Keys.ENTER)


def shown(browser, folder):
    """The name of the image on the screen, by its grey."""
    key = Key(folder)
    data = browser.execute_script(
        "const image = document.getElementById('image'), canvas = document.createElement('canvas');"
        "return image.decode().then(() => { canvas.width = canvas.height = 1;"
        "const pen = canvas.getContext('2d'); pen.drawImage(image, 0, 0, 1, 1);"
        "return [...pen.getImageData(0, 0, 1, 1).data]; });"
    )
    return list(key.images)[round(data[0] / 255 * len(key.images))]


def press(browser, key):
    browser.find_element(By.TAG_NAME, "body").send_keys(key)


def is_visible(browser, part):
    return browser.find_element(By.ID, part).is_displayed()


def saved(browser, reader):
    browser.find_element(By.ID, "save").click()
    path = browser.downloads / f"answers_{reader}.json"
    for _ in range(100):
        if path.exists():
            return path
        time.sleep(0.1)
    raise AssertionError(f"{path} was not downloaded")


def test_the_score_is_the_accuracy_of_a_reader_of_known_accuracy(browser, folder):
    key = Key(folder)
    wrong = {("T1w", "cyclegan"): 1, ("<T2w>", "unit"): 3, ("T1w", None): 2}
    left, order, contrasts = dict(wrong), [], []
    begin(browser, folder, "A. E.")
    for number in range(len(key.images)):
        name = shown(browser, folder)
        image = key.images[name]
        order.append(name)
        contrasts.append(browser.find_element(By.ID, "contrast").text)
        assert browser.find_element(By.ID, "place").text == f"{number + 1} of 32"
        kind, is_real = (image.contrast, image.method), image.method is None
        if left.get(kind, 0):
            left[kind] -= 1
            is_real = not is_real
        press(
            browser,
            {True: "r", False: "s"}[is_real]
            if number % 2
            else (Keys.ARROW_LEFT if is_real else Keys.ARROW_RIGHT),
        )
    assert is_visible(browser, "end")
    path = saved(browser, "A_E_")
    content = json.loads(path.read_text())
    assert content["reader"] == "A. E." and all(one["seconds"] >= 0 for one in content["answers"])
    assert [one["image"] for one in content["answers"]] == order
    assert sorted(order) == sorted(key.images) and order != sorted(order)
    assert contrasts == [key.images[name].contrast for name in order]
    result, page = study.score([path], study=folder)
    missed = {
        (row["contrast"], row["method"]): row["synthetic_called_real"] for row in result.scores
    }
    assert missed["T1w", "cyclegan"] == 1 and missed["<T2w>", "unit"] == 3
    assert missed["T1w", "unit"] == missed["<T2w>", "cyclegan"] == 0
    (row,) = [r for r in result.scores if (r["contrast"], r["method"]) == ("all", "all")]
    assert row["accuracy"] == 12 / 16 and row["real_called_synthetic"] == 2
    assert not [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]


def test_a_reader_goes_back_pauses_and_goes_on(browser, folder):
    begin(browser, folder, "PW")
    first = shown(browser, folder)
    browser.find_element(By.ID, "real").click()
    second = shown(browser, folder)
    press(browser, Keys.BACKSPACE)
    assert shown(browser, folder) == first
    press(browser, "S")  # with the shift key
    assert shown(browser, folder) == second
    press(browser, "x")
    assert shown(browser, folder) == second
    begin(browser, folder, "PW")  # the page is opened again
    assert shown(browser, folder) == second
    for _ in range(31):
        press(browser, "r")
    browser.find_element(By.ID, "again").click()
    assert browser.find_element(By.ID, "place").text == "32 of 32"
    press(browser, "r")
    answers = json.loads(saved(browser, "PW").read_text())["answers"]
    assert answers[0] == {"image": first, "answer": "synthetic"} | {
        "seconds": answers[0]["seconds"]
    }
    assert {one["answer"] for one in answers[1:]} == {"real"} and len(answers) == 32


def test_readers_have_orders_of_their_own(browser, folder):
    orders = []
    for reader in ("one", "two"):
        begin(browser, folder, reader)
        orders.append([])
        for _ in range(6):
            orders[-1].append(shown(browser, folder))
            press(browser, "r")
    assert orders[0] != orders[1]


def test_nobody_begins_without_a_name(browser, folder):
    browser.get((folder / "reader.html").as_uri())
    browser.find_element(By.ID, "reader").send_keys("   ", Keys.ENTER)
    assert is_visible(browser, "start") and not is_visible(browser, "trial")


def test_the_image_is_large(browser, folder):
    browser.set_window_size(1100, 1000)
    begin(browser, folder, "seen")
    where = browser.find_element(By.ID, "image").rect
    assert where["width"] >= 384 and where["height"] >= 384

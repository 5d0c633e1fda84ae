"""`gan_mri.build` checks what it is given before anything is built."""

import subprocess
import sys

import pytest

import gan_mri
from gan_mri.errors import GanMriError


@pytest.mark.parametrize("seed", [2**63, 2**32, -1, 0.5, "one", True])
def test_seeds(seed):
    with pytest.raises(GanMriError, match="^seed must be a whole number from 0 to 4294967295"):
        gan_mri.build("welander/simple", (20, 20, 1), seed=seed)


@pytest.mark.parametrize(
    "shape",
    [5, None, "abc", (20,), (20, 20), (20, 20, 0), (20, -1, 1), (20.5, 20, 1), (20, 20, 10**12)]
    + [(2, 20, 20, 20, 1), (True, 20, 1)],
)
def test_shapes(shape):
    with pytest.raises(GanMriError, match="^image_shape must be whole numbers from 1"):
        gan_mri.build("welander/simple", shape)


@pytest.mark.parametrize(
    "call",
    [
        "gan_mri.build('welander/simple', (20, 20, 1))",
        "gan_mri.backend",
        "gan_mri.blocks",
        "import gan_mri.layers",
        "import gan_mri.losses",
        "import gan_mri.networks",
        "import gan_mri.models",
        "import gan_mri.histogram",
    ],
)
def test_another_backend_of_keras(call):
    code = (
        "import gan_mri, os\n"
        "os.environ['KERAS_BACKEND'] = 'jax'\n"
        f"try:\n    {call}\n"
        "except gan_mri.errors.GanMriError as error:\n    print(error)\n"
    )
    code = code.replace("import gan_mri,", "import gan_mri, gan_mri.errors,")
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert found.returncode == 0, found.stderr
    assert found.stdout.startswith("KERAS_BACKEND: expected tensorflow")

"""Set before anything imports TensorFlow; also puts this folder on the import path.

Test folders are no packages: pytest puts the folder of this file on `sys.path`,
so that tests can `import golden` and `import tiny`.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("MPLBACKEND", "Agg")

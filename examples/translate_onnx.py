"""Translate a volume with ONNX Runtime, NumPy and nibabel: no TensorFlow, no gan_mri.

    python examples/translate_onnx.py MODEL.onnx INPUT.nii.gz OUTPUT.nii.gz

MODEL.onnx is from `python -m gan_mri.export RUN MODEL.onnx`: a model of one grey source, of the
slices of one plane or of volumes. The result lies along RAS+, in float32.
"""

import json
import sys

import nibabel as nib
import numpy as np
import onnxruntime

model, source, output = sys.argv[1:]
network = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
card = json.loads(network.get_modelmeta().custom_metadata_map["gan_mri"])
((name, entry),), view = card["inputs"].items(), card["view"]
scaling, axis = entry["scaling"], {"sagittal": 0, "coronal": 1, "axial": 2}.get(view["plane"])
simple = card["channels"] == 1 and not entry.get("neighbours") and scaling["method"] != "zscore"
if not simple or view["plane"] == "all" or view["spacing"] or view["geometry"]["fit"] != "crop":
    sys.exit(f"{model}: expected a model whose images are neither resampled nor in colour.")

image = nib.as_closest_canonical(nib.load(source))
voxels = image.get_fdata(dtype=np.float32)
low, high = np.percentile(voxels, (0.5, 99.9))
head = voxels > low + 0.05 * (high - low)
window = (low, np.percentile(voxels[head], 99.5))  # of scaling "volume"
low, high = window if scaling["method"] == "volume" else scaling["typical"]
scaled = np.clip((voxels - low) / (high - low) * 2 - 1, -1, 1).astype(np.float32)

if axis is None:
    made = network.run(["translation"], {name: scaled[np.newaxis, ..., np.newaxis]})[0][0, ..., 0]
else:
    made = np.full_like(scaled, -1)
    # Views: slices first, rows from the top, columns from the patient's left (or back).
    views = (np.moveaxis(x, axis, 0).swapaxes(1, 2)[:, ::-1] for x in (scaled, head, made))
    for slice_in, mask, slice_out in zip(*views):
        if mask.mean() >= 0.01:  # others hold no head and stay background
            batch = slice_in[np.newaxis, ..., np.newaxis]
            slice_out[:] = network.run(["translation"], {name: batch})[0][0, ..., 0]
low, high = card["target_scaling"]["typical"]
made = (made + 1) * (high - low) / 2 + low
nib.save(nib.Nifti1Image(made.astype(np.float32), image.affine), output)

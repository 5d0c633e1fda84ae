"""From the voxels of a file to what a network sees, and back."""

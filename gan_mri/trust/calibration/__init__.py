"""Does the standard deviation of a translation tell how wrong it is?

* `collect`: errors and deviations of test images, voxel by voxel;
* `measures`: correlation, curve, coverage;
* `report`: table, figure, sheet, page.
"""

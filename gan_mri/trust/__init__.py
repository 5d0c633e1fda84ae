"""Before a translation is believed.

* `checks`: is the input one that the model knows?
* `calibration`: does a deviation tell the error?
* `detection`: what a model of healthy people cannot explain;
* `lesions`: what a translation keeps, fades, loses, invents;
* `perceptual`: can readers tell synthetic images from real ones?
"""

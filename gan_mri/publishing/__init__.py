"""Trained models that are passed on: found by name, checked, with a card for people.

* `published`: the folder of a published model, and where shipped ones lie;
* `checksums`: that nothing in it was changed;
* `model_card`: its `README.md`.
"""

"""Models with their first weights, exported with cards that no run stands behind."""

import dataclasses

from cards import card

from gan_mri import recipes
from gan_mri.inference.export import export_translators


def export(folder, recipe, shape, settings, *, contrasts=None, **more):
    """Export every direction of a model.

    Parameters
    ----------
    folder : Path
        Takes a folder for each direction.
    recipe : str
    shape : tuple of int
        Of training images, channels included.
    settings : dict
        Of the recipe.
    contrasts : sequence of str, optional
        Of the domains, in their order; default: T1w and T2w.
    **more
        For the cards, see `cards.card`.

    Returns
    -------
    Path
        The folder of the last direction.
    """
    model = recipes.build(recipe, shape, contrasts=contrasts, seed=1, **settings)
    method, task = recipes.get(recipe, **settings).for_shape(shape), model.task
    contrasts = contrasts or ("T1w", "T2w")
    of = dict(zip(task.domains, contrasts))
    more = {"plane": "volume" if len(shape) == 4 else "axial"} | more
    cards = {}
    for way in task.directions:
        about = card(
            channels=shape[-1],
            geometry={"size": list(shape[:-1]), "fit": "crop"},
            recipe=recipe,
            settings=dataclasses.asdict(method),
            contrasts=list(contrasts),
            **more,
        )
        (entry,) = about["inputs"].values()
        named = {domain: domain for domain in way.sources}
        cards[way.name] = about | {
            "direction": way.name,
            "target": of[way.target],
            "target_domain": way.target,
            "noise": way.noise,
            "inputs": {
                name: entry | {"domain": domain, "contrast": of[domain]}
                for name, domain in (way.inputs(named).items() if way.sources else ())
            },
        }
    export_translators(model, method, task, folder, cards)
    return folder / task.directions[-1].name

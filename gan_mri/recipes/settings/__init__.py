"""Systems that several papers use, or that are long: settings, and how a model is made of them."""

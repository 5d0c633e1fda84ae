"""Systems that several papers use: their settings, and how a model is made of them."""

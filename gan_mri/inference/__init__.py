"""Trained networks at work: exported models, images and volumes through them."""

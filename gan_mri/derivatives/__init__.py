"""BIDS derivatives: what is translated, how it is called, what is noted about it."""

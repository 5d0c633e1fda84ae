"""The run folder and its records: what training writes and everything else reads."""

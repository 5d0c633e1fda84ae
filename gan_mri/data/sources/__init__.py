"""Where images come from: folders, prepared files, drawings; which files there are."""

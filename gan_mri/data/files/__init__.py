"""One image file to one array and back, whatever the format."""

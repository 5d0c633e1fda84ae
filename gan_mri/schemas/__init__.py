"""What the structure of our own files must be: declared once, checked where they are read."""

"""What is procedural: `brain`, a head in any contrast, and `knees` in colour."""

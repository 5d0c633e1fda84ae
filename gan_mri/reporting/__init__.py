"""Tables, sheets, figures and pages: what results look like, whatever they are of."""

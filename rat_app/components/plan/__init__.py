"""How a statement is carried out, as a picture."""

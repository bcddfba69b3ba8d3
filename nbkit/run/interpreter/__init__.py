"""The interpreter: one compiled loop that carries out the instructions of any model. It knows no networks."""

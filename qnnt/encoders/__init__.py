"""Networks to models, and models to the input formats of solvers."""

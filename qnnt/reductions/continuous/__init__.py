"""D-NNT becomes C-NNT (Theorem 1.2): networks with real weights that train exactly the discrete ones."""

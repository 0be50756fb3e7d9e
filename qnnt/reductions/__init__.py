"""Reductions of hard problems to training: instances with known truth, and the way back to the source problem."""

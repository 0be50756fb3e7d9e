"""Checking of clausal refutations: DRUP and LRAT."""

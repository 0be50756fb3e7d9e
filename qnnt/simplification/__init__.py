"""Equivalence-preserving steps on instances, one per file, each with a map for parameters both ways."""

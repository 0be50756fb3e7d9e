"""The problems that reductions start from, one per file: reader, random instances, check, exact solver."""

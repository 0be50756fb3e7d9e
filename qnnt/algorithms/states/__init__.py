"""Dynamic programs over states of patterns, for mismatch losses."""

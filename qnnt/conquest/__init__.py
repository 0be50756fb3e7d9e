"""Cube and conquer: an instance split into smaller ones, which are solved apart and answered together."""

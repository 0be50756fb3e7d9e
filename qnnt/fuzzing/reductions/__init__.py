"""Smaller neighbours of an instance: what a shrinker may try next, and what smaller means."""

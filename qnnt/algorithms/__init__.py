"""Exact algorithms that need no encoder and no solver."""

"""Backends, their registry, processes and limits, and the facade that joins them with encoders."""

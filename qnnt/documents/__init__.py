"""Instances as documents (the JSON structure of instance files) and back, with validation by path."""

"""Instances that are made: random, planted, from tables."""

"""Benchmarks: suites, recordings, the regression gate, the report.

Glossary, used nowhere with another meaning:

SUITE: instances, setups and limits, as data (TOML). SETUP: a solver with its options, threads and seed,
under a name. TRIAL: one setup on one instance, once; repetitions are numbered. MEASUREMENT: what came of a
trial. RECORDING: the measurements of one suite, made by one version of the code on one machine; a file.
YARDSTICK: the setup, made by none of our encoders, whose times in the same recording say how fast the
machine was.
"""

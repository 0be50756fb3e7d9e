"""Random instances through several exact routes: generators, features, comparison, shrinking."""

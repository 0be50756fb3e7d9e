"""Work on the workers of a dask.distributed cluster, some of which may die, freeze or come late."""

"""Good parameters for any network and loss by local search; nothing is proved."""

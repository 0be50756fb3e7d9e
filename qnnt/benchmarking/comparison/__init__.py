"""Two recordings held against each other: what changed, and what closes the gate."""

"""Tree decompositions and treewidth of graphs."""

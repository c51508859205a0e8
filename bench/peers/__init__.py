"""What the generated handlers are measured against: the same subgraph, as people write it by hand."""

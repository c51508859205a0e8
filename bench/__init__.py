"""`make bench`: what the stack costs in time and size, beside peers that do the same, in one run."""

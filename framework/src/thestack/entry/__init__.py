"""Lambda entry points, one module a trigger: each wires what its trigger needs, and nothing else."""

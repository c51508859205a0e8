"""What an environment costs: its bill while idle and under a load, from templates and a file of prices."""

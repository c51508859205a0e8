"""The ports in memory, for tests: hand-written, with the same semantics, and faults that can be asked for."""

"""The supergraph router: its JavaScript, and the Python that bundles it."""

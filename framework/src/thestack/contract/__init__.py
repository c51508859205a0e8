"""What services promise each other: SDL, event schemas, the supergraph composed of them."""

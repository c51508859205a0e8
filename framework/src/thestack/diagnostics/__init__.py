"""Located mistakes: what is wrong in a definition, where exactly, and what to do about it."""

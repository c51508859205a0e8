"""The definition language and what a definition becomes:
the frozen ServiceModel. Touches no network, imports no AWS library.
"""

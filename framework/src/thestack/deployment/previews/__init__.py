"""Previews: the changed services of a checkout beside an environment that runs, for a while, and without a
trace afterwards.
"""

"""The inner loop: the local stack with its functions run from the source, in workers that follow what is
saved.
"""

"""What stands behind the ports:
one folder for each place to run, the same file names in each, one conformance suite for all.
"""

"""Deploys single services to an environment, and takes them back: what runs there is in its record, every
deployment is judged against that, and the router's alias is the one switch.
"""

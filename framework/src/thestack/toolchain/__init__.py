"""The programs that the project runs and does not write:
the emulator, Node and the router's npm packages, below `.stack`.
"""

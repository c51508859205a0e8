"""The local stack: the synthesized templates on an emulator, with the real router, on this machine and its
loopback alone.
"""

"""The programs that the project runs and does not write:
the emulator, Node, the router's npm packages and ffmpeg, below `.stack`.
"""

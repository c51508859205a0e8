"""What people do with a running stack, wherever it runs: read its logs and traces, invoke, explain, deal with
dead letters. Everything here speaks to AWS, or to an emulator, by an `Aws`.
"""

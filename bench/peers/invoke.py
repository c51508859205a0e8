"""What Lambda's runtime does for a cold start: import a module's handler from a folder and give it one event.

Run as `python -I -S -B invoke.py FOLDER MODULE EVENT`; the answer is the last line of the output.
"""

import sys

folder, module, event = sys.argv[1:]
sys.path[0] = folder

import importlib  # noqa: E402
import json  # noqa: E402


class Context:
    """What Powertools reads of Lambda's context."""

    function_name = "bench"
    function_version = "1"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:us-east-1:000000000000:function:bench"
    aws_request_id = "00000000-0000-0000-0000-000000000000"

    def get_remaining_time_in_millis(self) -> int:
        return 20_000


handler = importlib.import_module(module).handler
print(json.dumps(handler(json.loads(event), Context())))

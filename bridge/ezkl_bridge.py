"""One EZKL call at a time, asked for on standard input and answered on standard output, a JSON object per line.

    first line out   {"kind": "ready", "protocol": 1, "version": "...", "python": "..."}
    line in          {"id": 1, "call": "gen_srs", "arguments": {"srs_path": "kzg.srs", "logrows": 15}}
    line out         {"id": 1, "kind": "result", "value": ...}
                     {"id": 1, "kind": "error", "name": "RuntimeError", "message": "..."}

The process ends with its standard input. EZKL holds Python's lock while it computes, so whoever started this process
watches it from outside; a thread in here could neither report nor stop anything.
"""

import asyncio
import inspect
import json
import os
import sys

PROTOCOL = 1
SETTINGS = ("input_visibility", "param_visibility", "output_visibility", "input_scale", "param_scale", "logrows")
CALLS = {
    "calibrate_settings",
    "compile_circuit",
    "create_evm_verifier",
    "gen_settings",
    "gen_srs",
    "gen_witness",
    "prove",
    "setup",
    "verify",
}


def take_standard_output():
    """EZKL prints reports of its own; they go where diagnostics go."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


def run_arguments(ezkl, given):
    arguments = ezkl.PyRunArgs()
    for name, value in given.items():
        if name not in SETTINGS:
            raise ValueError(f"{name} is no setting of this bridge")
        setattr(arguments, name, value)
    return arguments


async def perform(ezkl, call, arguments):
    if call not in CALLS:
        raise ValueError(f"{call} is no call of this bridge")
    if "py_run_args" in arguments:
        arguments = {**arguments, "py_run_args": run_arguments(ezkl, arguments["py_run_args"])}
    value = getattr(ezkl, call)(**arguments)
    if inspect.isawaitable(value):
        value = await value
    # What a call computes lies in the file it was told to write.
    return value if isinstance(value, bool) else None


def main():
    answers = take_standard_output()

    def answer(message):
        answers.write(json.dumps(message) + "\n")
        answers.flush()

    import ezkl
    from importlib.metadata import version

    answer({"kind": "ready", "protocol": PROTOCOL, "version": version("ezkl"), "python": sys.version.split()[0]})
    for line in sys.stdin:
        request = json.loads(line)
        try:
            value = asyncio.run(perform(ezkl, request["call"], request["arguments"]))
            answer({"id": request["id"], "kind": "result", "value": value})
        # A Rust panic arrives as a BaseException.
        except BaseException as error:
            answer({"id": request["id"], "kind": "error", "name": type(error).__name__, "message": str(error)})
    # An ordered exit tears down threads of EZKL's that can crash on the way out.
    os._exit(0)


if __name__ == "__main__":
    main()

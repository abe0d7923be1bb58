"""Renders templates with Jinja2.

Reads one JSON object per line, {"t": template, "d": data}, and writes the text
that Jinja makes of it, or "!" for an error. The settings are those under which
the language promises the same: undefined names are errors, nothing is trimmed
unasked, `tojson` keeps the order of objects and escapes nothing for HTML; with
"plain" in the object only the first of them.
"""
import json
import sys

import jinja2

try:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
except ImportError:
    pass

env = jinja2.Environment(undefined=jinja2.StrictUndefined, keep_trailing_newline=True)
env.filters["tojson"] = lambda v, indent=None: json.dumps(v, indent=indent, ensure_ascii=False)
plain = jinja2.Environment(undefined=jinja2.StrictUndefined)


def main():
    for line in sys.stdin:
        r = json.loads(line)
        try:
            out = (plain if r.get("plain") else env).from_string(r["t"]).render(r["d"])
        except Exception as e:  # noqa: BLE001
            out = "!" + type(e).__name__
        sys.stdout.write(json.dumps(out) + "\n")


main()

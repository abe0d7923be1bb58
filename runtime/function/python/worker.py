# The worker that runs Python functions: see the comment of package python.
#
# One JSON object a line comes in on standard input and goes out on what was
# standard output when the worker started; what user code prints goes elsewhere.
import asyncio, dataclasses, datetime, decimal, importlib, inspect, io, json, os, sys, traceback, types

_out = os.fdopen(os.dup(1), "wb", 0)
os.dup2(2, 1)  # what programs and C code print goes to standard error
_in = os.fdopen(os.dup(0), "rb")
_r, _w = os.pipe()
os.close(_w)
os.dup2(_r, 0)  # user code finds its input at its end
os.close(_r)
sys.path.insert(0, os.getcwd())


def send(message):
    _out.write(json.dumps(message, ensure_ascii=True, allow_nan=False).encode("ascii") + b"\n")


class Lines(io.TextIOBase):
    """Standard output of user code: each line goes to the run's log."""

    def __init__(self):
        self.rest = ""

    def writable(self):
        return True

    def write(self, text):
        self.rest += text
        while "\n" in self.rest or len(self.rest) > 8192:
            line, sep, rest = self.rest.partition("\n")
            if not sep or len(line) > 8192:
                line, rest = self.rest[:8192], self.rest[8192:]
            self.rest = rest
            send({"log": line})
        return len(text)

    def end(self):
        if self.rest:
            send({"log": self.rest})
            self.rest = ""


sys.stdout = Lines()


def plain(x):
    """What json does not know by itself."""
    if isinstance(x, decimal.Decimal):
        return int(x) if x == x.to_integral_value() and x.as_tuple().exponent >= 0 else float(x)
    if isinstance(x, (datetime.datetime, datetime.date, datetime.time)):
        return x.isoformat()
    if isinstance(x, (set, frozenset)):
        return sorted(x, key=repr)
    if dataclasses.is_dataclass(x) and not isinstance(x, type):
        return {f.name: getattr(x, f.name) for f in dataclasses.fields(x)}
    for name in ("model_dump", "_asdict"):
        dump = getattr(x, name, None)
        if callable(dump):
            return dump()
    if isinstance(x, types.MappingProxyType):
        return dict(x)
    raise TypeError("a %s is no data" % type(x).__name__)


def find(path):
    """The function at a dotted path: the longest part that is a module, then names."""
    parts = path.split(".")
    for n in range(len(parts) - 1, 0, -1):
        name = ".".join(parts[:n])
        try:
            x = importlib.import_module(name)
        except ModuleNotFoundError as e:
            if e.name and (name == e.name or name.startswith(e.name + ".")):
                continue  # this part is no module; perhaps a class in one
            raise
        for attr in parts[n:]:
            if not hasattr(x, attr):
                raise AttributeError("%s has no %r" % (getattr(x, "__name__", name), attr))
            x = getattr(x, attr)
        return x
    raise ModuleNotFoundError("there is no module %r" % ".".join(parts[:-1]))


functions = {}


def load(r):
    key = r["key"]
    if key in functions:
        return functions[key]
    if r.get("code"):
        # Spaces keep the line numbers of the file.
        scope = {"__name__": "hexdag_block", "__builtins__": __builtins__}
        exec(compile(r["code"], r.get("file") or "block", "exec"), scope)
        f = scope.get(r["name"])
    else:
        f = find(r["name"])
    if not callable(f):
        raise TypeError("%s is a %s, not a function" % (r["name"], type(f).__name__))
    functions[key] = f
    return f


def call(f, r):
    x = r["input"]
    if not r.get("unpack"):
        got = f(x)
    else:
        if not isinstance(x, dict):
            raise TypeError("unpack_input needs an object, and the prepared input is a %s" % type(x).__name__)
        try:
            params = inspect.signature(f).parameters.values()
        except (TypeError, ValueError):
            params = None
        if params is not None and not any(p.kind == p.VAR_KEYWORD for p in params):
            names = {p.name for p in params if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
            x = {k: v for k, v in x.items() if k in names}
        got = f(**x)
    if inspect.isawaitable(got):
        async def wait():
            return await got
        got = asyncio.run(wait())
    return got


def failure(e):
    place = ""
    for frame in traceback.extract_tb(e.__traceback__):
        if frame.filename != "<string>" and not frame.filename.startswith("<frozen"):
            place = "%s:%d" % (os.path.relpath(frame.filename) if os.path.isabs(frame.filename) else frame.filename, frame.lineno)
    if isinstance(e, SyntaxError) and e.filename:
        place = "%s:%s" % (e.filename, e.lineno)
        text = e.msg
    else:
        text = str(e)
    return {"type": type(e).__name__, "message": text[:4096], "place": place}


send({"hexdag_python": 1, "version": "%d.%d.%d" % sys.version_info[:3]})
for line in _in:
    request = json.loads(line)
    answer = {}
    try:
        function = load(request)
        if request["method"] == "call":
            answer["result"] = call(function, request)
        reply = json.dumps({"id": request["id"], **answer}, default=plain, ensure_ascii=True, allow_nan=False)
    except SystemExit as e:
        reply = json.dumps({"id": request["id"], "error": {"type": "SystemExit", "message": "the function ended its program: %s" % e.code, "place": ""}})
    except RecursionError as e:
        reply = json.dumps({"id": request["id"], "error": {"type": "RecursionError", "message": str(e)[:4096], "place": ""}})
    except BaseException as e:
        reply = json.dumps({"id": request["id"], "error": failure(e)})
    sys.stdout.end()
    _out.write(reply.encode("ascii") + b"\n")

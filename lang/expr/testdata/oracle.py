"""Evaluates expressions with CPython, under the language's null rules.

Reads one JSON object per line, {"e": expression, "d": data}, and writes one
line for each: the canonical repr of the result, or "!" and the class of the
exception. Only what the language defines itself is implemented here: reading
fields and items, comparison of unlike types, methods of null, and the functions
that Python does not have. Operators, numbers, text and formats are Python's.
"""
import ast
import json
import sys
from decimal import Decimal, InvalidOperation, Overflow

sys.set_int_max_str_digits(4300)
try:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))  # what needs more is refused here
except ImportError:
    pass


class Missing(Exception):
    pass


def attr(x, name):
    if isinstance(x, dict):
        return x.get(name)
    return None


def sub(x, key):
    if x is None:
        return None
    if isinstance(x, dict):
        return x.get(key)
    if isinstance(x, set):
        raise TypeError("set")
    if isinstance(x, (list, tuple, str, range)):
        if not isinstance(key, int):
            return None
        try:
            return x[key]
        except IndexError:
            return None
    return None


def cut(x, lo, hi, step):
    if x is None:
        return None
    return x[slice(lo, hi, step)]


OPS = {
    ast.Eq: lambda a, b: a == b,
    ast.NotEq: lambda a, b: a != b,
    ast.Lt: lambda a, b: a < b,
    ast.LtE: lambda a, b: a <= b,
    ast.Gt: lambda a, b: a > b,
    ast.GtE: lambda a, b: a >= b,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
    ast.Is: lambda a, b: a is b,
    ast.IsNot: lambda a, b: a is not b,
}
OPLIST = list(OPS.values())
OPINDEX = {k: i for i, k in enumerate(OPS)}


def cmp(first, *rest):
    a = first()
    for op, right in rest:
        b = right()
        try:
            if not OPLIST[op](a, b):
                return False
        except TypeError:
            return False
        a = b
    return True


METHODS = {
    str: "upper lower strip lstrip rstrip split replace startswith endswith join format count find index".split(),
    list: "count index copy".split(),
    tuple: "count index".split(),
    dict: "get keys values items copy".split(),
    set: "copy".split(),
    range: "count index".split(),
}


def method(x, name, *args, **kw):
    if x is None:
        return None
    if name not in METHODS.get(type(x), ()):
        raise TypeError("method")
    out = getattr(x, name)(*args, **kw)
    if name in ("keys", "values", "items"):
        return list(out)
    return out


def text(s):
    return s if isinstance(s, str) else str(s)


def isempty(v):
    return v is None or isinstance(v, (str, list, dict)) and len(v) == 0


def guard(path):
    try:
        return path()
    except Missing:
        return None


def default(v, d):
    x = v()
    return d() if x is None else x


def coalesce(*vs):
    for v in vs:
        x = v()
        if x is not None:
            return x
    return None


def power(a, b, m=None):
    if m is not None and not all(isinstance(x, int) for x in (a, b, m)):
        raise TypeError("pow() with three arguments takes ints")
    return pow(a, b, m)


def decimal(x):
    if isinstance(x, (list, tuple)):
        raise TypeError("a Decimal from digits")
    return Decimal(x)


FUNCTIONS = {
    "str": str, "int": int, "float": float, "bool": bool, "Decimal": decimal, "list": list, "set": set,
    "dict": dict, "tuple": tuple, "abs": abs, "round": round, "min": min, "max": max, "sum": sum, "pow": power,
    "len": len, "all": all, "any": any, "sorted": sorted, "range": range,
    "reversed": lambda x: list(reversed(x)),
    "zip": lambda *a: list(zip(*a)),
    "lower": lambda s: text(s).lower(), "upper": lambda s: text(s).upper(),
    "strip": lambda s: text(s).strip(), "lstrip": lambda s: text(s).lstrip(), "rstrip": lambda s: text(s).rstrip(),
    "split": lambda s, sep=None: s.split(sep) if isinstance(s, str) else [s],
    "join": lambda sep, items: sep.join(str(i) for i in items),
    "replace": lambda s, old, new: text(s).replace(old, new),
    "startswith": lambda s, p: s.startswith(p) if isinstance(s, str) else False,
    "endswith": lambda s, p: s.endswith(p) if isinstance(s, str) else False,
    "contains": lambda s, x: x in s if isinstance(s, str) else False,
    "format": format,
    "isnone": lambda v: v() is None,
    "isempty": lambda v: isempty(v()),
    "default": default, "coalesce": coalesce,
}
LAZY = {"isnone", "isempty", "default", "coalesce"}
CONSTANTS = {"true": True, "false": False, "null": None, "none": None}


def path(node):
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return isinstance(node, ast.Name)


class Rules(ast.NodeTransformer):
    def __init__(self):
        self.bound = [set()]

    def call(self, name, *args):
        return ast.Call(ast.Name(name, ast.Load()), list(args), [])

    def lazy(self, node):
        return ast.Lambda(ast.arguments([], [], None, [], [], None, []), node)

    def visit_Name(self, node):
        if isinstance(node.ctx, ast.Store):
            return node
        if any(node.id in s for s in self.bound):
            return node
        if node.id in CONSTANTS:
            return ast.Constant(CONSTANTS[node.id])
        return self.call("__name", ast.Constant(node.id))

    def visit_Attribute(self, node):
        return self.call("__attr", self.visit(node.value), ast.Constant(node.attr))

    def visit_Subscript(self, node):
        value = self.visit(node.value)
        if isinstance(node.slice, ast.Slice):
            parts = [self.visit(p) if p else ast.Constant(None) for p in (node.slice.lower, node.slice.upper, node.slice.step)]
            return self.call("__cut", value, *parts)
        return self.call("__sub", value, self.visit(node.slice))

    def visit_Compare(self, node):
        rest = [
            ast.Tuple([ast.Constant(OPINDEX[type(op)]), self.lazy(self.visit(right))], ast.Load())
            for op, right in zip(node.ops, node.comparators)
        ]
        return self.call("__cmp", self.lazy(self.visit(node.left)), *rest)

    def visit_Call(self, node):
        paths = [path(a) for a in node.args]
        args = [self.visit(a) for a in node.args]
        keywords = []
        for k in node.keywords:
            if k.arg == "key" and isinstance(k.value, ast.Name):
                keywords.append(ast.keyword(k.arg, self.call("__fn", ast.Constant(k.value.id))))
            else:
                keywords.append(ast.keyword(k.arg, self.visit(k.value)))
        if isinstance(node.func, ast.Attribute):
            return ast.Call(ast.Name("__method", ast.Load()), [self.visit(node.func.value), ast.Constant(node.func.attr), *args], keywords)
        if node.func.id in LAZY:
            # a path may be missing there; what is inside of another expression may not
            args = [self.lazy(self.call("__guard", self.lazy(a)) if p and (i == 0 or node.func.id == "coalesce") else a) for i, (p, a) in enumerate(zip(paths, args))]
        return ast.Call(self.call("__fn", ast.Constant(node.func.id)), args, keywords)

    def comprehension(self, node):
        # the first iterable belongs to the scope outside
        first = self.visit(node.generators[0].iter)
        node.generators[0].iter = ast.Constant(None)
        names = {n.id for g in node.generators for n in ast.walk(g.target) if isinstance(n, ast.Name)}
        self.bound.append(names)
        self.generic_visit(node)
        self.bound.pop()
        node.generators[0].iter = first
        return node

    visit_ListComp = visit_SetComp = visit_DictComp = comprehension


def canonical(v):
    if isinstance(v, (set, frozenset)):
        return "{" + ", ".join(sorted(canonical(x) for x in v)) + "}"
    if isinstance(v, list):
        return "[" + ", ".join(canonical(x) for x in v) + "]"
    if isinstance(v, tuple):
        return "(" + ", ".join(canonical(x) for x in v) + ("," if len(v) == 1 else "") + ")"
    if isinstance(v, dict):
        return "{" + ", ".join(canonical(k) + ": " + canonical(x) for k, x in v.items()) + "}"
    return repr(v)


def evaluate(source, data):
    def name(n):
        if n not in data:
            raise Missing(n)
        return data[n]

    tree = ast.parse(source.strip(), mode="eval")
    tree = ast.fix_missing_locations(Rules().visit(tree))
    scope = {
        "__builtins__": {}, "__name": name, "__attr": attr, "__sub": sub, "__cut": cut, "__cmp": cmp,
        "__method": method, "__fn": FUNCTIONS.__getitem__, "__guard": guard,
    }
    return eval(compile(tree, "<expr>", "eval"), scope)


def main():
    import warnings

    warnings.simplefilter("ignore")
    datasets = {}
    for line in sys.stdin:
        r = json.loads(line)
        if "n" in r:
            datasets[r["n"]] = r["v"]
            continue
        try:
            v = evaluate(r["e"], datasets[r["d"]])
            out = "!complex" if isinstance(v, complex) else canonical(v)
        except InvalidOperation as e:
            out = "!ZeroDivisionError" if isinstance(e, ZeroDivisionError) else "!InvalidOperation"
        except Exception as e:  # noqa: BLE001
            c = type(e)
            if issubclass(c, Overflow):
                c = OverflowError
            if issubclass(c, AttributeError):
                c = TypeError
            for base in (TypeError, ZeroDivisionError, OverflowError, KeyError, IndexError, ValueError):
                if issubclass(c, base):
                    c = base
                    break
            out = "!" + c.__name__
        sys.stdout.write(json.dumps(out) + "\n")
    sys.stdout.flush()


main()

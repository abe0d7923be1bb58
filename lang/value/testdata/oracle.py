# Answers operations on values, one JSON line each, with CPython's result.
import sys, json, math, datetime, time, unicodedata
from fractions import Fraction
from decimal import Decimal
import decimal

try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))  # what is larger is refused by us
except ImportError:
    pass

def dec(x):
    t = x[0]
    if t == 'n': return None
    if t == 'b': return bool(x[1])
    if t == 'i': return int(x[1], 16)
    if t == 'f': return float.fromhex(x[1])
    if t == 'd': return Decimal(x[1])
    if t == 's': return x[1]
    if t == 'l': return [dec(y) for y in x[1]]
    if t == 't': return tuple(dec(y) for y in x[1])
    if t == 'S': return {dec(y) for y in x[1]}
    if t == 'o': return {dec(k): dec(v) for k, v in x[1]}
    if t == 'r': return range(*x[1])
    if t == 'D':
        tz = None if x[2] is None else datetime.timezone(datetime.timedelta(seconds=x[2]))
        return datetime.datetime(*x[1], tzinfo=tz)
    raise Exception('bad ' + t)

class Complex(Exception): pass

def enc(v):
    if v is None: return ['n']
    if v is True: return ['b', 1]
    if v is False: return ['b', 0]
    if isinstance(v, int): return ['i', hex(v)]
    if isinstance(v, float): return ['f', v.hex()]
    if isinstance(v, complex): raise Complex()
    if isinstance(v, Decimal): return ['d', str(v)]
    if isinstance(v, str): return ['s', v]
    if isinstance(v, list): return ['l', [enc(y) for y in v]]
    if isinstance(v, tuple): return ['t', [enc(y) for y in v]]
    if isinstance(v, (set, frozenset)): return ['S', [enc(y) for y in v]]
    if isinstance(v, dict): return ['o', [[enc(k), enc(y)] for k, y in v.items()]]
    if isinstance(v, range): return ['r', [v.start, v.stop, v.step]]
    if isinstance(v, datetime.datetime):
        tz = None if v.tzinfo is None else int(v.utcoffset().total_seconds())
        return ['D', [v.year, v.month, v.day, v.hour, v.minute, v.second, v.microsecond], tz]
    raise Exception('bad ' + repr(type(v)))

def method(name, v, *args):
    r = getattr(v, name)(*args)
    return list(r) if name in ('keys', 'values', 'items') else r

def no_constants(x): raise ValueError(x)
def no_twins(pairs):
    d = dict(pairs)
    if len(d) != len(pairs): raise ValueError('twice')
    return d
def loads(s):
    v = json.loads(s, parse_constant=no_constants, object_pairs_hook=no_twins)
    return v

def truepow(x, y):
    n, d = x.as_integer_ratio()
    if d == 1 and (2 * y).is_integer() and math.isqrt(n) ** 2 == n:
        x, y = math.isqrt(n), 2 * y
    if y.is_integer() and 0 < y < 100:
        return float(Fraction(x) ** int(y))
    with decimal.localcontext() as c:
        c.prec = 130
        return float((abs(Decimal(x)).ln() * Decimal(y)).exp())

def characters(lo, hi):
    out = []
    for c in map(chr, range(lo, hi)):
        if unicodedata.category(c) in ('Cn', 'Cs'):
            out.append('')
            continue
        flags = [c.isalnum(), c.isalpha(), c.isdecimal(), c.isdigit(), c.isnumeric(), c.islower(), c.isupper(), c.istitle(), c.isspace(), c.isprintable()]
        out.append('|'.join([c.upper(), c.lower(), c.title(), c.casefold(), c.swapcase(), ''.join('01'[f] for f in flags)]))
    return out

ops = {
    'add': lambda a, b: a + b, 'sub': lambda a, b: a - b, 'mul': lambda a, b: a * b,
    'div': lambda a, b: a / b, 'floordiv': lambda a, b: a // b, 'mod': lambda a, b: a % b,
    'pow': lambda a, b: a ** b, 'powmod': pow, 'truepow': truepow,
    'neg': lambda a: -a, 'pos': lambda a: +a, 'abs': abs,
    'eq': lambda a, b: a == b, 'lt': lambda a, b: a < b, 'le': lambda a, b: a <= b,
    'gt': lambda a, b: a > b, 'ge': lambda a, b: a >= b,
    'in': lambda a, b: b in a, 'samekey': lambda a, b: len({a: 0, b: 1}) == 1,
    'index': lambda a, b: a[b], 'slice': lambda a, lo, hi, st: a[lo:hi:st],
    'str': str, 'repr': repr, 'bool': bool, 'len': len, 'format': format,
    'round': lambda a: round(a), 'roundn': lambda a, n: round(a, n),
    'int': int, 'float': float, 'decimal': Decimal,
    'list': list, 'sorted': sorted, 'sortedrev': lambda a: sorted(a, reverse=True),
    'range': range, 'characters': characters, 'method': method, 'set': set,
    'loads': loads, 'dumps': lambda v: json.dumps(v, ensure_ascii=False, separators=(',', ':'), allow_nan=False),
    'indent': lambda v: json.dumps(v, ensure_ascii=False, indent=2, allow_nan=False),
}

for line in sys.stdin:
    req = json.loads(line)
    start = time.monotonic()
    try:
        args = [dec(x) for x in req[1:]]
        out = ['ok', enc(ops[req[0]](*args))]
    except Exception as e:
        out = ['err', type(e).__name__, [c.__name__ for c in type(e).__mro__], str(e)[:200]]
    if time.monotonic() - start > 1:
        sys.stderr.write('slow: %s\n' % line[:200])
    sys.stdout.write(json.dumps(out) + '\n')

"""The boundary: what the contract's `functions` calls. Only this knows that there is one.

`anabranch function build` writes a module that names the package, and puts this one beside it. componentize-py looks for
the class `AnabranchComponent` in that module, and for the resource `Accumulators` in this.
"""

import gc
import importlib
import logging
import math
from functools import wraps

from componentize_py_types import Err
from wit_world.imports import http as host
from wit_world.imports import log

from anabranch_udf import http
from anabranch_udf.contract import CallError
from anabranch_udf.messages import describe
from anabranch_udf.package import Bindings, Package
from anabranch_udf.rows import FAILURES

_bindings = Bindings(Package())


def export(name, version, module):
    """Imports the module whose functions are exported."""
    global _bindings
    log_to_host()
    importlib.import_module(module)
    _bindings = Bindings(Package(name, version))
    if not _bindings.describe().functions:
        raise SystemExit(f"{module} declares no functions: decorate one with @scalar, @table or @aggregate")
    requests_to_host()
    # What is there by now stays for good, and need not be looked at again.
    gc.collect()
    gc.freeze()


def log_to_host():
    """What the module `logging` is told reaches whoever runs the function."""
    logging.basicConfig(level=logging.INFO, handlers=[_Log()])


def requests_to_host():
    """Requests are sent by the host, which is there only after the build."""
    http.transport = _send


def _send(request):
    timeout = None if request.timeout is None else math.ceil(min(request.timeout * 1000, 2**32 - 1))
    try:
        response = host.send(
            host.Request(request.method, request.url, list(request.headers.items()), request.body, timeout)
        )
    except Err as error:
        raise http.HTTPError(error.value) from None
    return http.Response(response.status, response.headers, response.body)


class _Log(logging.Handler):
    """Sends what is logged to whoever runs the function."""

    _LEVELS = (
        (logging.ERROR, log.Level.ERROR),
        (logging.WARNING, log.Level.WARN),
        (logging.INFO, log.Level.INFO),
        (logging.DEBUG, log.Level.DEBUG),
    )

    def emit(self, record):
        level = next((level for least, level in self._LEVELS if record.levelno >= least), log.Level.TRACE)
        log.log(level, self.format(record))


def _fallible(call):
    """An exception that reached the boundary would trap: it fails the call instead."""

    @wraps(call)
    def called(*arguments):
        try:
            return call(*arguments)
        except CallError as error:
            raise Err(str(error)) from None
        except FAILURES as error:
            raise Err(describe(error)) from None

    return called


class AnabranchComponent:
    def describe(self):
        return _bindings.describe()

    @_fallible
    def bind(self, binding):
        return _bindings.bind(binding)

    def unbind(self, handle):
        _bindings.unbind(handle)

    @_fallible
    def call(self, handle, rows, batch):
        return _bindings.call(handle, rows, batch)

    @_fallible
    def begin(self, handle, rows, batch):
        _bindings.begin(handle, rows, batch)

    @_fallible
    def next(self, handle, max_rows):
        return _bindings.next(handle, max_rows)


class Accumulators:
    def __init__(self, accumulators):
        self._accumulators = accumulators

    @classmethod
    @_fallible
    def open(cls, handle):
        return cls(_bindings.open(handle))

    @_fallible
    def accumulate(self, groups, batch):
        return self._accumulators.accumulate(groups, batch)

    @_fallible
    def retract(self, groups, batch):
        return self._accumulators.retract(groups, batch)

    @_fallible
    def merge(self, groups, state):
        return self._accumulators.merge(groups, state)

    @_fallible
    def evaluate(self, groups):
        return self._accumulators.evaluate(groups)

    @_fallible
    def state(self, groups):
        return self._accumulators.state(groups)

    @_fallible
    def restore(self, groups, state):
        self._accumulators.restore(groups, state)

    def remove(self, groups):
        self._accumulators.remove(groups)

"""The boundary of the interpreter: what the contract's `interpreter` calls, beside its `functions`. It has no functions
until they are defined.
"""

import gc

import anabranch_component
from anabranch_component import AnabranchComponent
from componentize_py_types import Err

from anabranch_udf.interpreter import Defined, bundle, define
from anabranch_udf.messages import describe
from anabranch_udf.package import Bindings, Package
from anabranch_udf.rows import FAILURES
from anabranch_udf.source import SourceError

__all__ = ["AnabranchComponent", "AnabranchInterpreter"]

_package = Package("python", "", modules=[])
anabranch_component._bindings = Bindings(_package)


class AnabranchInterpreter:
    def define(self, signature, text):
        try:
            function = define(signature, text)
        except SourceError as error:
            raise Err(error) from None
        except FAILURES as error:
            raise Err(SourceError(describe(error))) from None
        _package.functions.append(function)
        return Defined(len(_package.functions) - 1, function.signature)


missing = bundle()
if missing:
    raise SystemExit(f"this Python lacks what inline functions may import: {', '.join(missing)}")
anabranch_component.log_to_host()
anabranch_component.requests_to_host()
gc.collect()
gc.freeze()

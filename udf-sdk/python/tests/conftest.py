import kitchen
import pytest

from anabranch_udf.testing import Tester


@pytest.fixture
def tester():
    return Tester(kitchen.__name__, options={"greeting": "hello"}, max_rows=3)

from greetings import greet, split_words

from anabranch_udf.testing import Tester


# The functions are what they look like.
def test_greets():
    assert greet("Ada") == "Hello, Ada!"
    assert list(split_words(" to be  or ")) == ["to", "be", "or"]


# And a host calls them over columns, with NULLs, for many groups.
def test_the_mean_of_groups():
    means = Tester("greetings").aggregate("mean", [0.0])
    means.accumulate([0, 1, 0], [1.0, None, 2.0])
    assert means.evaluate([0, 1]) == [1.5, None]

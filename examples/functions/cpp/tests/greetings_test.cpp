// Tests the functions natively: the README says how.

#include "../src/greetings.cpp"

#include <anabranch/testing.hpp>
#include <cassert>
#include <cstdio>

using namespace anabranch::testing;

int main() {
    // The functions are what they look like.
    assert(greet("Ada") == "Hello, Ada!");
    assert((split_words(" to be  or") == std::vector<std::string_view>{"to", "be", "or"}));

    // And a host calls them over columns, with NULLs, for many groups.
    auto numbers = column<std::optional<double>>({1, std::nullopt, 2});
    ab_test_groups means = ab_test_aggregate("mean", &numbers, 1);
    const std::uint32_t groups[] = {0, 1, 0};
    ab_test_accumulate(&means, groups, &numbers, 1);
    assert((values<double>(ab_test_evaluate(&means, groups, 2).column) == std::vector<std::optional<double>>{1.5, std::nullopt}));
    ab_test_drop(&means);
    ab_test_end();
    std::puts("greetings: passed");
}

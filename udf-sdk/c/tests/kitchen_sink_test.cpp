// The functions of kitchen_sink.cpp, called natively as a host would. `make test` runs it with sanitizers.

#include "kitchen_sink.cpp"

#include <anabranch/testing.hpp>
#include <cstdio>
#include <cstdlib>
#include <limits>

using namespace anabranch::testing;
namespace http = anabranch::http;

#define CHECK(...)                                                             \
    do {                                                                       \
        if (!(__VA_ARGS__)) {                                                  \
            std::fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #__VA_ARGS__); \
            std::exit(1);                                                      \
        }                                                                      \
    } while (0)

// Sends values there and back, every third of them NULL.
template <class T>
void check_same(const char *name, const std::vector<T> &some) {
    std::vector<std::optional<T>> values;
    for (std::size_t row = 0; row < 70; row++)
        values.push_back(row % 3 == 1 ? std::nullopt : std::optional<T>(some[row % some.size()]));
    CHECK(scalar<T>(name, column(values)).values == values);
    CHECK(scalar<T>(name, column<T>({})).values.empty());
}

static void every_type_comes_back() {
    check_same<bool>("same_bool", {true, false});
    check_same<std::int8_t>("same_tinyint", {1, -128});
    check_same<std::int16_t>("same_smallint", {1, -32768});
    check_same<std::int32_t>("same_int", {1, std::numeric_limits<std::int32_t>::min()});
    check_same<std::int64_t>("same_bigint", {1, std::numeric_limits<std::int64_t>::min()});
    check_same<float>("same_float", {1.5f});
    check_same<double>("same_double", {0.1, -1e300});
    check_same<Amount>("same_decimal", {{12345}, {-(static_cast<__int128>(1) << 65)}});
    check_same<std::string>("same_string", {"", "Grüße", "a text that is longer than short ones"});
    check_same<std::vector<std::byte>>("same_bytes", {{std::byte{0}, std::byte{255}}, {}});
    check_same<local_days>("same_date", {local_days(days(-1)), local_days(2024y / February / 29)});
    check_same<local_time<seconds>>("same_timestamp_seconds", {local_time<seconds>(-1s)});
    check_same<local_time<milliseconds>>("same_timestamp_millis", {local_time<milliseconds>(-1ms)});
    check_same<local_time<microseconds>>("same_timestamp_micros", {local_time<microseconds>(-1us)});
    check_same<local_time<nanoseconds>>("same_timestamp_nanos", {local_time<nanoseconds>(-1ns)});
    check_same<sys_time<milliseconds>>("same_timestamp_ltz", {sys_time<milliseconds>(-1ms)});
    check_same<months>("same_year_month", {months(13)});
    check_same<milliseconds>("same_day_second", {-1ms});
    check_same<std::vector<std::optional<std::int64_t>>>("same_array", {{1, std::nullopt}, {}});
    check_same<Nested>("same_nested", {{std::vector<std::string>{"to", "be"}, std::nullopt}, {}});
    check_same<Counts>("same_map", {{{"a", 1}, {"b", std::nullopt}}, {}});
    check_same<Place>("same_row", {{1, 2, "here"}, {-1, std::nullopt, std::nullopt}});

    // A time of day has no operator of equality.
    auto times = scalar<hh_mm_ss<milliseconds>>("same_time", column<hh_mm_ss<milliseconds>>({hh_mm_ss(86399999ms)}));
    CHECK(times.values[0]->to_duration() == 86399999ms);
}

static void nulls_and_errors_belong_to_their_rows() {
    using Int = std::optional<std::int64_t>;
    const std::int64_t largest = std::numeric_limits<std::int64_t>::max();
    auto left = column<Int>({1, std::nullopt, largest});
    auto right = column<std::int64_t>({10, 20, 1});
    for (const char *name : {"add", "add_rows"})
        CHECK(scalar<std::int64_t>(name, {left, right}).values
              == std::vector<Int>{11, std::nullopt, std::numeric_limits<std::int64_t>::min()});
    CHECK(scalar<double>("add", {column<double>({1.5}), column<double>({2})}).values[0] == 3.5);

    using Text = std::optional<std::string>;
    auto failing = scalar<std::string>("fail_on", column<Text>({"a", "error", "null", std::nullopt}));
    CHECK(failing.values == std::vector<Text>{"a", std::nullopt, std::nullopt, std::nullopt});
    CHECK(failing.errors.size() == 1 && failing.errors[1] == "this text is an error");

    const Amount most{anabranch::Type<Amount>::limit - 1};
    auto sums = scalar<Amount>("add", {column<Amount>({most, most}), column<Amount>({Amount{-1}, Amount{1}})});
    CHECK(!sums.values[1] && sums.errors[1] == "the value does not fit DECIMAL(20,4)");
}

static void a_place_knows_its_session() {
    static ab_option options[] = {{{"greeting", 8}, {"hi", 2}}};
    CHECK(scalar<std::string>("where_bound", column<std::string>({"x"})).values[0] == "UTC - x");
    ab_test_options = options;
    ab_test_option_count = 1;
    ab_test_literals = true;
    CHECK(scalar<std::string>("where_bound", column<std::string>({"x"})).values[0] == "UTC hi literal x");
    CHECK(scalar<std::string>("where_bound", column<std::string>({"x", "y"})).values[1] == "UTC hi y again");
    ab_test_literals = false;
}

static void requests_are_answered_in_place_of_servers() {
    using Text = std::optional<std::string>;
    const std::initializer_list<ab_test_column> columns = {
        column<Text>({"PUT", "POST", std::nullopt}), column<std::string>({"https://a/b?c", "https://a/", "https://a/"}),
        column<std::string>({"some", "", ""})};
    {
        Answers answers([](const http::Request &request) -> std::expected<http::Response, std::string> {
            if (request.method == "POST") return std::unexpected("the request is refused");
            const auto &[name, value] = request.headers.at(0);
            std::string said = request.method + " " + request.url + " " + name + ": " + value + " " + request.body + " "
                + std::to_string(request.timeout->count());
            return http::Response{404, {{"content-length", "1"}, {"content-type", "text/plain"}}, said};
        });
        auto fetched = scalar<std::string>("fetch", columns);
        CHECK(fetched.values
              == std::vector<Text>{"404 text/plain PUT https://a/b?c X-Kitchen: sink some 20000", std::nullopt, std::nullopt});
        CHECK(fetched.errors == std::map<std::size_t, std::string>{{1, "the request is refused"}});
    }
    auto fetched = scalar<std::string>("fetch", columns);
    CHECK(fetched.errors.size() == 2 && fetched.errors[0].starts_with("natively no server is asked"));
}

static void tables_come_in_chunks() {
    const ab_test_column columns[] = {
        column<std::optional<std::string>>({"a", std::nullopt, "b", "c", "d"}),
        column<std::int64_t>({3, 3, -1, 0, 2}),
        column<Amount>({Amount{1}, Amount{1}, Amount{1}, Amount{1}, Amount{anabranch::Type<Amount>::limit - 1}}),
    };
    for (std::uint32_t limit = 1; limit < 8; limit++) {
        ab_test_table table = ab_test_begin("repeat", columns, 3);
        std::string output;
        std::vector<std::string> errors;
        for (bool done = false; !done;) {
            ab_test_chunk chunk = ab_test_next(&table, limit);
            CHECK(!chunk.wrong && chunk.row_count <= limit);
            auto texts = values<std::string>(chunk.columns[0]);
            auto numbers = values<std::int64_t>(chunk.columns[1]);
            auto scaled = values<Amount>(chunk.columns[2]);
            for (std::size_t row = 0; row < chunk.row_count; row++)
                output += std::to_string(chunk.rows[row]) + *texts[row] + (numbers[row] ? std::to_string(*numbers[row]) : "-")
                    + (scaled[row]->unscaled > 9 ? "! " : " ");
            for (std::size_t index = 0; index < chunk.errors.count; index++)
                errors.emplace_back(chunk.errors.items[index].message.data);
            done = chunk.done;
        }
        // The second row of `d` does not fit its decimal: it leaves nothing half put.
        CHECK(output == "0a1 0a2 0a- 4d1! ");
        CHECK(errors == std::vector<std::string>{"-1 times", "the value does not fit DECIMAL(20,4)"});
    }

    const ab_test_column limits[] = {column<std::int64_t>({5, 0}), column<std::int64_t>({1'000'000'000'000, -1})};
    ab_test_table endless = ab_test_begin("range", limits, 2);
    ab_test_next(&endless, 1000);
    ab_test_chunk chunk = ab_test_next(&endless, 2);
    CHECK(values<std::int64_t>(chunk.columns[0]) == std::vector<std::optional<std::int64_t>>{1005, 1006});
}

static void groups_accumulate_retract_merge_and_come_back() {
    using Int = std::optional<std::int64_t>;
    auto ids = [](std::initializer_list<std::uint32_t> ids) { return ids.begin(); };
    auto numbers = column<Int>({1, std::nullopt, 2, 5});
    ab_test_groups sums = ab_test_aggregate("sum", &numbers, 1);
    ab_test_accumulate(&sums, ids({0, 1, 0, 700}), &numbers, 1);
    auto one = column<std::int64_t>({1});
    ab_test_retract(&sums, ids({0}), &one, 1);
    ab_test_merge(&sums, ids({0}), ids({700}), 1);
    ab_test_restore(&sums, ids({1}), ids({0}), 1);
    CHECK(values<std::int64_t>(ab_test_evaluate(&sums, ids({0, 700}), 2).column) == std::vector<Int>{std::nullopt, 7});
    ab_test_drop(&sums);

    using Text = std::optional<std::string>;
    const ab_test_column texts[] = {column<std::string>({"a", "error", "a text that is longer than short ones", "d"}),
                                    column<Text>({",", ",", std::nullopt, ";"})};
    ab_test_groups collected = ab_test_aggregate("collect_texts", texts, 2);
    CHECK(ab_test_accumulate(&collected, ids({0, 0, 0, 1}), texts, 2).errors.count == 1);
    CHECK(ab_test_retract(&collected, ids({0, 0, 0, 0}), texts, 2).wrong);
    ab_test_merge(&collected, ids({1}), ids({0}), 1);
    ab_test_restore(&collected, ids({0}), ids({1000}), 1);
    ab_test_remove(&collected, ids({0, 1}), 2);
    CHECK(values<std::string>(ab_test_evaluate(&collected, ids({0, 1000}), 2).column)
          == std::vector<Text>{"0: ", "2: a,a text that is longer than short onesd;"});
    ab_test_drop(&collected);
}

int main() {
    every_type_comes_back();
    nulls_and_errors_belong_to_their_rows();
    a_place_knows_its_session();
    requests_are_answered_in_place_of_servers();
    tables_come_in_chunks();
    groups_accumulate_retract_merge_and_come_back();
    ab_test_end();
    std::puts("kitchen sink in C++: passed");
}

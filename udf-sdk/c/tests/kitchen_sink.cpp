// Every kind of function over every type: what the tests and measurements call.

#include <anabranch.hpp>

#include <ranges>

using namespace std::chrono;
using anabranch::Column;
using Amount = anabranch::Decimal<20, 4>;

struct Place {
    double x = 0;
    std::optional<double> y;
    std::optional<std::string> name;
    bool operator==(const Place &) const = default;
};
ANABRANCH_ROW(Place, x, y, name)

// The value itself, of every type.
template <class T>
std::optional<T> same(const std::optional<T> &value) {
    return value;
}

using Nested = std::vector<std::optional<std::vector<std::string>>>;
using Counts = std::map<std::string, std::optional<std::int32_t>>;

void add(Column<std::int64_t> a, Column<std::int64_t> b, std::span<std::int64_t> result) {
    for (std::size_t row = 0; row < a.size(); row++)
        result[row] = static_cast<std::int64_t>(static_cast<std::uint64_t>(a[row]) + static_cast<std::uint64_t>(b[row]));
}

std::int64_t add_rows(std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

std::int32_t len(std::string_view text) {
    std::int32_t characters = 0;
    for (char byte : text) characters += (byte & 0xc0) != 0x80;
    return characters;
}

std::expected<std::optional<std::string_view>, std::string> fail_on(std::string_view text) {
    if (text == "error") return std::unexpected("this text is an " + std::string(text));
    if (text == "null") return std::nullopt;
    return text;
}

std::string where_bound(std::string_view text) {
    std::string &seen = anabranch::place<std::string>();
    std::string said = std::string(anabranch::time_zone()) + " " + std::string(anabranch::option("greeting").value_or("-"));
    if (anabranch::constant<std::string>(0)) said += " literal";
    said += " " + std::string(text) + seen;
    seen = " again";
    return said;
}

// Status, content type and body of a response.
std::expected<std::string, std::string> fetch(std::string_view method, std::string_view url, std::string_view body) {
    auto response = anabranch::http::send({
        .method = std::string(method),
        .url = std::string(url),
        .headers = {{"X-Kitchen", "sink"}, {"Accept", "text/plain"}},
        .body = std::string(body),
        .timeout = 20s,
    });
    if (!response) return std::unexpected(response.error());
    std::string type(response->header("Content-Type").value_or(""));
    return std::to_string(response->status) + " " + type + " " + response->body;
}

// As many rows as are asked for: nothing is kept of what was given.
auto range(std::int64_t from, std::int64_t to) {
    return std::views::iota(from, to < from ? from : to);
}

using Numbered = std::vector<std::tuple<std::string, std::optional<std::int64_t>, Amount>>;

std::expected<Numbered, std::string> repeat(std::string_view text, std::int64_t times, Amount scale) {
    if (times < 0) return std::unexpected(std::to_string(times) + " times");
    Numbered rows;
    for (std::int64_t number = 1; number <= times; number++)
        rows.emplace_back(text, number < times ? std::optional(number) : std::nullopt, Amount{scale.unscaled * number});
    return rows;
}

struct Sum {
    std::int64_t sum = 0;
    std::int64_t count = 0;
    ANABRANCH_STATE(sum, count)

    void accumulate(std::int64_t x) { sum += x, count += 1; }
    void retract(std::int64_t x) { sum -= x, count -= 1; }
    void merge(const Sum &other) { sum += other.sum, count += other.count; }
    std::optional<std::int64_t> evaluate() const { return count ? std::optional(sum) : std::nullopt; }
};

// A group that cannot be moved as bytes.
struct Collect {
    std::string texts;
    Counts seen;
    ANABRANCH_STATE(texts, seen)

    std::expected<void, std::string> accumulate(std::string_view text, std::optional<std::string_view> separator) {
        if (text == "error") return std::unexpected("this text is an error");
        texts.append(text).append(separator.value_or(""));
        auto &times = seen[std::string(text)];
        times = times.value_or(0) + 1;
        return {};
    }
    void merge(const Collect &other) { texts += other.texts; }
    std::string evaluate() const { return std::to_string(seen.size()) + ": " + texts; }
};

#define SAME(name_, ...) \
    anabranch::scalar<same<__VA_ARGS__>>({.name = name_, .parameters = {"value"}, .doc = "The value itself."})

ANABRANCH_PACKAGE(
    SAME("same_bool", bool), SAME("same_tinyint", std::int8_t), SAME("same_smallint", std::int16_t),
    SAME("same_int", std::int32_t), SAME("same_bigint", std::int64_t), SAME("same_float", float),
    SAME("same_double", double), SAME("same_decimal", Amount), SAME("same_string", std::string_view),
    SAME("same_bytes", std::span<const std::byte>), SAME("same_date", local_days),
    SAME("same_time", hh_mm_ss<milliseconds>), SAME("same_timestamp_seconds", local_time<seconds>),
    SAME("same_timestamp_millis", local_time<milliseconds>), SAME("same_timestamp_micros", local_time<microseconds>),
    SAME("same_timestamp_nanos", local_time<nanoseconds>), SAME("same_timestamp_ltz", sys_time<milliseconds>),
    SAME("same_year_month", months), SAME("same_day_second", milliseconds),
    SAME("same_array", std::vector<std::optional<std::int64_t>>), SAME("same_nested", Nested), SAME("same_map", Counts),
    SAME("same_row", Place),
    anabranch::scalar_columns<add>({.name = "add", .parameters = {"a", "b"}, .doc = "The sum, over whole columns."}),
    anabranch::scalar<add_rows>({.name = "add_rows", .parameters = {"a", "b"}, .doc = "The sum, row by row."}),
    anabranch::scalar<[](double a, double b) { return a + b; }>({.name = "add", .parameters = {"a", "b"}}),
    anabranch::scalar<[](Amount a, Amount b) { return a + b; }>({.name = "add", .parameters = {"a", "b"}}),
    anabranch::scalar<len>({.name = "len", .parameters = {"text"}, .doc = "Length of a text in characters."}),
    anabranch::scalar<fail_on>({.name = "fail_on", .parameters = {"text"}}),
    anabranch::scalar<where_bound>({.name = "where_bound", .parameters = {"text"}, .nondeterministic = true}),
    anabranch::scalar<fetch>({.name = "fetch", .parameters = {"method", "url", "body"}, .nondeterministic = true}),
    anabranch::table<range>({.name = "range", .parameters = {"from", "to"}, .columns = {"number"}}),
    anabranch::table<repeat>({.name = "repeat", .parameters = {"text", "times", "scale"}, .columns = {"text", "number", "scaled"}}),
    anabranch::aggregate<Sum>({.name = "sum", .parameters = {"x"}, .doc = "The sum of numbers; NULL of none."}),
    anabranch::aggregate<Collect>({.name = "collect_texts", .parameters = {"text", "separator"}}))

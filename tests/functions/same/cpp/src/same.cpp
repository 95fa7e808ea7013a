// The same functions in every language: see the README beside these folders.

#include <anabranch.hpp>

#include <cmath>
#include <ranges>

using anabranch::Column;

std::int64_t wrapping_add(std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

std::int64_t add(std::int64_t a, std::int64_t b) {
    return a + b;
}

void add_columns(Column<std::int64_t> a, Column<std::int64_t> b, std::span<std::int64_t> result) {
    for (std::size_t row = 0; row < a.size(); row++) result[row] = wrapping_add(a[row], b[row]);
}

std::int64_t mix(std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(31 * static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

double spread(double x, double y) {
    return x * y - x;
}

std::expected<double, std::string> root(double x) {
    if (x < 0) return std::unexpected("it is negative");
    return std::sqrt(x);
}

bool begins_character(char byte) {
    return (byte & 0xc0) != 0x80;
}

std::int32_t len(std::string_view text) {
    std::int32_t characters = 0;
    for (char byte : text) characters += begins_character(byte);
    return characters;
}

std::string reverse(std::string_view text) {
    std::string reversed;
    reversed.reserve(text.size());
    for (std::size_t at = text.size(), end = at; at-- > 0;) {
        if (!begins_character(text[at])) continue;
        reversed.append(text.substr(at, end - at));
        end = at;
    }
    return reversed;
}

std::optional<bool> both(std::optional<bool> p, std::optional<bool> q) {
    if (p == false || q == false) return false;
    return p && q ? std::optional(true) : std::nullopt;
}

using Amount = anabranch::Decimal<38, 4>;

Amount add_amounts(Amount a, Amount b) {
    return a + b;
}

using Moment = std::chrono::local_time<std::chrono::milliseconds>;

Moment later(Moment at, std::int64_t millis) {
    return at + std::chrono::milliseconds(millis);
}

using Numbers = std::vector<std::optional<std::int64_t>>;

Numbers backwards(const Numbers &items) {
    return Numbers(items.rbegin(), items.rend());
}

// A place on a line, with a name.
struct Place {
    double x = 0;
    std::optional<std::string> name;
};
ANABRANCH_ROW(Place, x, name)

Place mirrored(const Place &place) {
    return {-place.x, place.name};
}

std::vector<std::tuple<std::string_view, std::int32_t>> split(std::string_view line) {
    std::vector<std::tuple<std::string_view, std::int32_t>> words;
    for (auto part : std::views::split(line, ' '))
        if (!part.empty()) words.emplace_back(std::string_view(part), words.size() + 1);
    return words;
}

std::expected<std::string, std::string> ask(std::string method, std::string url, std::string key, std::string body) {
    auto response = anabranch::http::send({
        .method = method,
        .url = url,
        .headers = {{"X-Key", key}},
        .body = body,
        .timeout = std::chrono::seconds(1),
    });
    if (!response) return std::unexpected(response.error());
    const std::string type(response->header("Content-Type").value_or("?"));
    return std::to_string(response->status) + " " + type + " " + response->body;
}

// A sum, and of how many numbers it is one.
struct Total {
    std::int64_t sum = 0;
    std::int64_t count = 0;
    ANABRANCH_STATE(sum, count)

    void accumulate(std::int64_t x) {
        sum = wrapping_add(sum, x);
        count += 1;
    }

    void retract(std::int64_t x) {
        sum = static_cast<std::int64_t>(static_cast<std::uint64_t>(sum) - static_cast<std::uint64_t>(x));
        count -= 1;
    }

    void merge(const Total &other) {
        sum = wrapping_add(sum, other.sum);
        count += other.count;
    }

    std::optional<std::int64_t> evaluate() const {
        return count ? std::optional(sum) : std::nullopt;
    }
};

ANABRANCH_PACKAGE(
    anabranch::scalar<add>({.name = "add", .parameters = {"a", "b"}, .doc = "The sum of two numbers."}),
    anabranch::scalar_columns<add_columns>(
        {.name = "add_columns", .parameters = {"a", "b"}, .doc = "The sum of two numbers, over whole columns."}),
    anabranch::scalar<mix>({.name = "mix", .parameters = {"a", "b"}, .doc = "`31 * a + b`, modulo 2⁶⁴."}),
    anabranch::scalar<spread>({.name = "spread", .parameters = {"x", "y"}, .doc = "`x * y - x`."}),
    anabranch::scalar<root>(
        {.name = "root", .parameters = {"x"}, .doc = "The square root; an error of negative numbers."}),
    anabranch::scalar<len>({.name = "len", .parameters = {"text"}, .doc = "Length of a text in characters."}),
    anabranch::scalar<reverse>(
        {.name = "reverse", .parameters = {"text"}, .doc = "The characters of a text, the last one first."}),
    anabranch::scalar<both>({.name = "both", .parameters = {"p", "q"}, .doc = "SQL's AND."}),
    anabranch::scalar<add_amounts>(
        {.name = "add_amounts", .parameters = {"a", "b"}, .doc = "The sum of two amounts of 38 digits."}),
    anabranch::scalar<later>({.name = "later", .parameters = {"at", "millis"}, .doc = "So many milliseconds later."}),
    anabranch::scalar<backwards>(
        {.name = "backwards", .parameters = {"items"}, .doc = "The items of an array, the last one first."}),
    anabranch::scalar<mirrored>({.name = "mirrored", .parameters = {"place"}, .doc = "The place on the other side."}),
    anabranch::scalar<ask>({.name = "ask",
                            .parameters = {"method", "url", "key", "body"},
                            .doc = "What a web server answers to a request of a method with a key in its header and a body: "
                                   "status, type and body.",
                            .nondeterministic = true}),
    anabranch::table<split>({.name = "split",
                             .parameters = {"line"},
                             .columns = {"word", "place"},
                             .doc = "The words of a text, which spaces divide, and where each stands."}),
    anabranch::aggregate<Total>(
        {.name = "total", .parameters = {"x"}, .doc = "The sum of numbers, modulo 2⁶⁴; NULL of none."}))

// Calls the functions of a package as a host does, but natively. What a function computes is tested best by calling it,
// as the C++ function that it is; this is for what only a whole call shows.
//
//     using namespace anabranch::testing;
//     auto greetings = scalar<std::string>("greet", column<std::optional<std::string>>({"Ada", std::nullopt}));
//     assert(greetings.values[0] == "Hello, Ada!" && !greetings.values[1]);
//
// The other calls are those of testing.h.

#ifndef ANABRANCH_TESTING_HPP
#define ANABRANCH_TESTING_HPP

#include <cstring>
#include <functional>
#include <initializer_list>
#include <stdexcept>
#include <utility>

#include "http.hpp"
#include "testing.h"
#include "types.hpp"

namespace anabranch::testing {

// A column of arguments.
template <class T>
ab_test_column column(const std::vector<T> &values) {
    ab_builder builder = ab_test_build(&Type<T>::description, values.size());
    std::size_t row = 0;
    for (const auto &value : values) Type<T>::put(builder, row++, value);
    return ab_test_finish(&builder, values.size());
}

// The values of a column.
template <class T>
std::vector<std::optional<T>> values(const ab_view &view) {
    std::vector<std::optional<T>> values;
    for (std::size_t row = 0; row < view.rows; row++) values.push_back(Type<std::optional<T>>::get(view, row));
    return values;
}

// What a scalar or aggregate function gave: values, nothing where NULL, and the messages of rows that failed.
template <class T>
struct Results {
    std::vector<std::optional<T>> values;
    std::map<std::size_t, std::string> errors;

    explicit Results(const ab_test_result &result) {
        if (result.wrong) throw std::runtime_error(result.wrong);
        values = testing::values<T>(result.column);
        for (std::size_t index = 0; index < result.errors.count; index++)
            errors[result.errors.items[index].row] = result.errors.items[index].message.data;
    }
};

// Calls a scalar function whose result is T; throws std::runtime_error where there is no such function.
template <class T>
Results<T> scalar(const char *name, std::initializer_list<ab_test_column> columns) {
    return Results<T>(ab_test_scalar(name, columns.begin(), columns.size()));
}

template <class T>
Results<T> scalar(const char *name, const ab_test_column &column) {
    return Results<T>(ab_test_scalar(name, &column, 1));
}

// Has a function answer the requests in place of servers, as long as this lives; without one, there is no response.
class Answers {
public:
    using Answer = std::function<std::expected<http::Response, std::string>(const http::Request &)>;

    explicit Answers(Answer function) {
        answer = std::move(function);
        ab_test_answer(respond);
    }
    ~Answers() { ab_test_answer(nullptr); }
    Answers(const Answers &) = delete;

private:
    static inline Answer answer;

    static bool respond(const ab_http_request *asked, ab_http_response *answered) {
        http::Request request = {.method = asked->method, .url = std::string(asked->url.data, asked->url.size)};
        for (std::size_t index = 0; index < asked->header_count; index++) {
            const auto &[name, value] = asked->headers[index];
            request.headers.push_back({std::string(name.data, name.size), std::string(value.data, value.size)});
        }
        if (asked->body.size) request.body.assign(reinterpret_cast<const char *>(asked->body.data), asked->body.size);
        if (asked->timeout_ms) request.timeout = std::chrono::milliseconds(asked->timeout_ms);
        const auto response = answer(request);
        *answered = {};
        if (!response) {
            answered->error = copy(response.error());
            return false;
        }
        answered->status = response->status;
        auto *headers = static_cast<ab_header *>(ab_alloc(response->headers.size() * sizeof(ab_header)));
        for (const auto &[name, value] : response->headers) headers[answered->header_count++] = {copy(name), copy(value)};
        answered->headers = headers;
        const ab_string body = copy(response->body);
        answered->body = {reinterpret_cast<const std::uint8_t *>(body.data), body.size};
        return true;
    }

    // A text that lives until the call returns.
    static ab_string copy(const std::string &text) {
        auto *data = static_cast<char *>(ab_alloc(text.size()));
        std::memcpy(data, text.data(), text.size());
        return {data, text.size()};
    }
};

} // namespace anabranch::testing

#endif

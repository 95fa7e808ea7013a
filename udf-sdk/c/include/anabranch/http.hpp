// Requests to web servers. The host makes those that the function is granted in its DDL, by 'grant.http'.
//
//     namespace http = anabranch::http;
//     auto response = http::send({.url = "https://example.com/path", .headers = {{"accept", "text/plain"}}, .timeout = 500ms});
//     if (!response) return std::unexpected(response.error());

#ifndef ANABRANCH_HTTP_HPP
#define ANABRANCH_HTTP_HPP

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <expected>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "function.h"
#include "http.h"

namespace anabranch::http {

struct Header {
    std::string name;
    std::string value;
};

struct Request {
    std::string method = "GET";
    std::string url = {}; // begins with a scheme and a host, as https://example.com/path does
    std::vector<Header> headers = {};
    std::string body = {};
    // For all of the exchange. The time limit of the function's call ends it in any case.
    std::optional<std::chrono::milliseconds> timeout = {};
};

struct Response {
    int status = 0;
    std::vector<Header> headers = {}; // names in lower case
    std::string body = {};

    // The value of the first header of that name, in upper or lower case.
    std::optional<std::string_view> header(std::string_view name) const {
        auto lower = [](char letter) { return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + ('a' - 'A')) : letter; };
        for (const Header &header : headers)
            if (std::ranges::equal(header.name, name, {}, lower, lower)) return header.value;
        return std::nullopt;
    }
};

// Sends a request and waits for the whole response. Whatever its status is, it is a response; redirects are not followed.
// An error says why there is none. A package that does not call it does not import the host's HTTP.
inline std::expected<Response, std::string> send(const Request &request) {
    std::vector<ab_header> headers;
    for (const Header &header : request.headers)
        headers.push_back({{header.name.data(), header.name.size()}, {header.value.data(), header.value.size()}});
    // 0 would be no timeout.
    const std::int64_t most = std::numeric_limits<std::uint32_t>::max();
    const std::int64_t timeout = request.timeout ? std::clamp<std::int64_t>(request.timeout->count(), 1, most) : 0;
    const ab_http_request asked = {
        .method = request.method.c_str(),
        .url = {request.url.data(), request.url.size()},
        .headers = headers.data(),
        .header_count = headers.size(),
        .body = {reinterpret_cast<const std::uint8_t *>(request.body.data()), request.body.size()},
        .timeout_ms = static_cast<std::uint32_t>(timeout),
    };
    std::expected<Response, std::string> response;
    auto take = [](bool sent, const ab_http_response *answered, void *taker) {
        auto &response = *static_cast<std::expected<Response, std::string> *>(taker);
        if (!sent) {
            response = std::unexpected(std::string(answered->error.data, answered->error.size));
            return;
        }
        response->status = answered->status;
        for (std::size_t index = 0; index < answered->header_count; index++) {
            const auto &[name, value] = answered->headers[index];
            response->headers.push_back({std::string(name.data, name.size), std::string(value.data, value.size)});
        }
        const ab_string body = ab_http_text(answered);
        if (body.size) response->body.assign(body.data, body.size);
    };
    ab_http_send_to(&asked, take, &response);
    return response;
}

// Sends a GET request without headers.
inline std::expected<Response, std::string> get(std::string_view url) {
    return send({.url = std::string(url)});
}

} // namespace anabranch::http

#endif

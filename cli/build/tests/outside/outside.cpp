// What lies outside of a function, as the standard library has it.

#include <anabranch.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>

std::optional<std::string> variable(std::string_view name) {
    const char *value = std::getenv(std::string(name).c_str());
    return value ? std::optional(std::string(value)) : std::nullopt;
}

std::expected<std::string, std::string> first_line(std::string_view path) {
    std::unique_ptr<std::FILE, int (*)(std::FILE *)> file(std::fopen(std::string(path).c_str(), "r"), std::fclose);
    if (!file) return std::unexpected("it cannot be read");
    std::string line;
    for (int byte = std::fgetc(file.get()); byte != EOF && byte != '\n'; byte = std::fgetc(file.get()))
        line.push_back(static_cast<char>(byte));
    return line;
}

std::int64_t seconds(std::string_view) {
    return std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
}

ANABRANCH_PACKAGE(
    anabranch::scalar<variable>({.name = "variable",
                                 .parameters = {"name"},
                                 .doc = "A variable of the environment.",
                                 .nondeterministic = true}),
    anabranch::scalar<first_line>({.name = "first_line",
                                   .parameters = {"path"},
                                   .doc = "The first line of a file.",
                                   .nondeterministic = true}),
    anabranch::scalar<seconds>({.name = "seconds",
                                .parameters = {"of"},
                                .doc = "Seconds since the beginning of 1970.",
                                .nondeterministic = true}))

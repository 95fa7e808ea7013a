// A function of each kind, to start from.

#include <anabranch.hpp>

#include <algorithm>

std::string greet(std::string_view name) {
    return "Hello, " + std::string(name) + "!";
}

bool is_space(char byte) {
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

std::vector<std::string_view> split_words(std::string_view line) {
    std::vector<std::string_view> words;
    auto at = line.begin();
    while ((at = std::find_if_not(at, line.end(), is_space)) != line.end()) {
        auto end = std::find_if(at, line.end(), is_space);
        words.emplace_back(at, end);
        at = end;
    }
    return words;
}

// What a group needs to know for its mean.
struct Mean {
    double sum = 0;
    std::int64_t count = 0;
    ANABRANCH_STATE(sum, count)

    void accumulate(double x) {
        sum += x;
        count += 1;
    }

    void retract(double x) {
        sum -= x;
        count -= 1;
    }

    void merge(const Mean &other) {
        sum += other.sum;
        count += other.count;
    }

    std::optional<double> evaluate() const {
        if (count == 0) return std::nullopt;
        return sum / static_cast<double>(count);
    }
};

ANABRANCH_PACKAGE(
    anabranch::scalar<greet>({.name = "greet", .parameters = {"name"}, .doc = "Says hello to someone."}),
    anabranch::table<split_words>(
        {.name = "split_words", .parameters = {"line"}, .columns = {"word"}, .doc = "The words of a text."}),
    anabranch::aggregate<Mean>(
        {.name = "mean", .parameters = {"x"}, .doc = "The arithmetic mean; NULL of no numbers."}))

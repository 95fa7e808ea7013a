// The types of SQL in C++: how a column is described, read and written.
//
// | SQL                                      | C++                                                              |
// |------------------------------------------|------------------------------------------------------------------|
// | BOOLEAN                                  | bool                                                             |
// | TINYINT, SMALLINT, INT, BIGINT           | std::int8_t, std::int16_t, std::int32_t, std::int64_t            |
// | FLOAT, DOUBLE                            | float, double                                                    |
// | DECIMAL(p, s)                            | anabranch::Decimal<p, s>                                         |
// | STRING                                   | std::string_view (borrowed), std::string                         |
// | BYTES                                    | std::span<const std::byte> (borrowed), std::vector<std::byte>    |
// | DATE, TIME                               | std::chrono::local_days, std::chrono::hh_mm_ss<milliseconds>     |
// | TIMESTAMP(0, 3, 6, 9)                    | std::chrono::local_time of seconds … nanoseconds                 |
// | TIMESTAMP_LTZ(0, 3, 6, 9)                | std::chrono::sys_time of seconds … nanoseconds                   |
// | INTERVAL YEAR TO MONTH, DAY TO SECOND    | std::chrono::months, std::chrono::milliseconds                   |
// | ARRAY<t>, MAP<k, v>                      | std::vector<T>, std::map<K, V>                                   |
// | ROW<…>                                   | a struct, after ANABRANCH_ROW(Struct, member, …)                 |
//
// std::optional<T> stands for a value that may be NULL, at any depth.

#ifndef ANABRANCH_TYPES_HPP
#define ANABRANCH_TYPES_HPP

#include <array>
#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "each.h"
#include "function.h"

namespace anabranch {

// How a C++ type stands for an SQL type: its `description`, `get` of a row that is not NULL, and `put`.
template <class T>
struct Type;

template <class T>
concept SqlType = requires { Type<T>::description; };

// A type whose values are as long as its Native, and are written as one.
template <class T, class NativeType>
struct FixedType {
    using Native = NativeType;

    static constexpr ab_type of(const char *format) {
        return {format, AB_LAYOUT_FIXED, sizeof(Native), false, 0, nullptr};
    }
    static Native native(const ab_view &view, std::size_t row) { return static_cast<const Native *>(view.values)[row]; }
    static void put_native(ab_builder &builder, std::size_t row, Native value) {
        static_cast<Native *>(builder.values)[row] = value;
    }
};

#define ANABRANCH_NUMBER(T, format)                                                                    \
    template <>                                                                                        \
    struct Type<T> : FixedType<T, T> {                                                                 \
        static constexpr ab_type description = of(format);                                             \
        static T get(const ab_view &view, std::size_t row) { return native(view, row); }               \
        static void put(ab_builder &builder, std::size_t row, T value) { put_native(builder, row, value); } \
    };
ANABRANCH_NUMBER(std::int8_t, "c")
ANABRANCH_NUMBER(std::int16_t, "s")
ANABRANCH_NUMBER(std::int32_t, "i")
ANABRANCH_NUMBER(std::int64_t, "l")
ANABRANCH_NUMBER(float, "f")
ANABRANCH_NUMBER(double, "g")
#undef ANABRANCH_NUMBER

template <>
struct Type<bool> {
    static constexpr ab_type description = {"b", AB_LAYOUT_BITS, 0, false, 0, nullptr};
    static bool get(const ab_view &view, std::size_t row) {
        return ab_bit(static_cast<const std::uint8_t *>(view.values), row);
    }
    static void put(ab_builder &builder, std::size_t row, bool value) { ab_put_bit(&builder, row, value); }
};

// ---- Decimals ---------------------------------------------------------------------------------------------------------

// A number of at most P digits, S of them after the point. A result with more makes its row fail.
template <int P, int S>
struct Decimal {
    static_assert(P >= 1 && P <= 38 && S >= 0 && S <= P, "DECIMAL(p, s) has 1 to 38 digits, and s of them at most p");

    __int128 unscaled = 0; // without the point: 1250 for 12.50

    friend Decimal operator+(Decimal left, Decimal right) { return {left.unscaled + right.unscaled}; }
    friend Decimal operator-(Decimal left, Decimal right) { return {left.unscaled - right.unscaled}; }
    friend auto operator<=>(Decimal, Decimal) = default;
};

template <int P, int S>
struct Type<Decimal<P, S>> : FixedType<Decimal<P, S>, __int128> {
    // "d:38,10" with the zero that ends it.
    static constexpr std::array<char, 8> format = [] {
        std::array<char, 8> text{'d', ':'};
        std::size_t at = 2;
        auto write = [&](int number) {
            if (number >= 10) text[at++] = static_cast<char>('0' + number / 10);
            text[at++] = static_cast<char>('0' + number % 10);
        };
        write(P);
        text[at++] = ',';
        write(S);
        return text;
    }();
    static constexpr __int128 limit = [] {
        __int128 power = 1;
        for (int digit = 0; digit < P; digit++) power *= 10;
        return power;
    }();
    static constexpr ab_type description = FixedType<Decimal<P, S>, __int128>::of(format.data());

    static Decimal<P, S> get(const ab_view &view, std::size_t row) { return {Type::native(view, row)}; }
    static void put(ab_builder &builder, std::size_t row, Decimal<P, S> value) {
        if (value.unscaled > -limit && value.unscaled < limit)
            Type::put_native(builder, row, value.unscaled);
        else
            ab_put_too_large(&builder, row);
    }
};

// ---- Dates and times --------------------------------------------------------------------------------------------------

// The Arrow units that a duration may have.
template <class Duration>
constexpr char unit_of = 0;
template <>
inline constexpr char unit_of<std::chrono::seconds> = 's';
template <>
inline constexpr char unit_of<std::chrono::milliseconds> = 'm';
template <>
inline constexpr char unit_of<std::chrono::microseconds> = 'u';
template <>
inline constexpr char unit_of<std::chrono::nanoseconds> = 'n';

template <class Clock, class Duration>
    requires(unit_of<Duration> != 0)
struct Type<std::chrono::time_point<Clock, Duration>>
    : FixedType<std::chrono::time_point<Clock, Duration>, std::int64_t> {
    using Value = std::chrono::time_point<Clock, Duration>;
    static constexpr bool local = std::is_same_v<Clock, std::chrono::local_t>;
    static_assert(local || std::is_same_v<Clock, std::chrono::system_clock>, "a local_time or a sys_time");

    static constexpr std::array<char, 8> format =
        local ? std::array<char, 8>{'t', 's', unit_of<Duration>, ':'}
              : std::array<char, 8>{'t', 's', unit_of<Duration>, ':', 'U', 'T', 'C'};
    static constexpr ab_type description = FixedType<Value, std::int64_t>::of(format.data());

    static Value get(const ab_view &view, std::size_t row) { return Value(Duration(Type::native(view, row))); }
    static void put(ab_builder &builder, std::size_t row, Value value) {
        Type::put_native(builder, row, value.time_since_epoch().count());
    }
};

template <>
struct Type<std::chrono::local_days> : FixedType<std::chrono::local_days, std::int32_t> {
    static constexpr ab_type description = of("tdD");
    static std::chrono::local_days get(const ab_view &view, std::size_t row) {
        return std::chrono::local_days(std::chrono::days(native(view, row)));
    }
    static void put(ab_builder &builder, std::size_t row, std::chrono::local_days value) {
        put_native(builder, row, static_cast<std::int32_t>(value.time_since_epoch().count()));
    }
};

template <>
struct Type<std::chrono::hh_mm_ss<std::chrono::milliseconds>>
    : FixedType<std::chrono::hh_mm_ss<std::chrono::milliseconds>, std::int32_t> {
    using Value = std::chrono::hh_mm_ss<std::chrono::milliseconds>;
    static constexpr ab_type description = of("ttm");
    static Value get(const ab_view &view, std::size_t row) {
        return Value(std::chrono::milliseconds(native(view, row)));
    }
    static void put(ab_builder &builder, std::size_t row, const Value &value) {
        put_native(builder, row, static_cast<std::int32_t>(value.to_duration().count()));
    }
};

template <>
struct Type<std::chrono::months> : FixedType<std::chrono::months, std::int32_t> {
    static constexpr ab_type description = of("tiM");
    static std::chrono::months get(const ab_view &view, std::size_t row) {
        return std::chrono::months(native(view, row));
    }
    static void put(ab_builder &builder, std::size_t row, std::chrono::months value) {
        put_native(builder, row, static_cast<std::int32_t>(value.count()));
    }
};

template <>
struct Type<std::chrono::milliseconds> : FixedType<std::chrono::milliseconds, std::int64_t> {
    static constexpr ab_type description = of("tDm");
    static std::chrono::milliseconds get(const ab_view &view, std::size_t row) {
        return std::chrono::milliseconds(native(view, row));
    }
    static void put(ab_builder &builder, std::size_t row, std::chrono::milliseconds value) {
        put_native(builder, row, value.count());
    }
};

// ---- Texts and bytes --------------------------------------------------------------------------------------------------

template <class T, class Element>
struct BinaryType {
    static constexpr ab_type of(const char *format) { return {format, AB_LAYOUT_BINARY, 0, false, 0, nullptr}; }
    static T get(const ab_view &view, std::size_t row) {
        ab_extent extent = ab_items(&view, row);
        const Element *data = reinterpret_cast<const Element *>(view.data) + extent.first;
        return T(data, data + extent.count);
    }
    static void put(ab_builder &builder, std::size_t row, const T &value) {
        ab_put_bytes(&builder, row, value.data(), value.size());
    }
};

template <>
struct Type<std::string_view> : BinaryType<std::string_view, char> {
    static constexpr ab_type description = of("u");
};
template <>
struct Type<std::string> : BinaryType<std::string, char> {
    static constexpr ab_type description = of("u");
};
template <>
struct Type<std::span<const std::byte>> : BinaryType<std::span<const std::byte>, std::byte> {
    static constexpr ab_type description = of("z");
};
template <>
struct Type<std::vector<std::byte>> : BinaryType<std::vector<std::byte>, std::byte> {
    static constexpr ab_type description = of("z");
};

// ---- What holds values ------------------------------------------------------------------------------------------------

template <class T>
struct Type<std::optional<T>> {
    static constexpr ab_type description = [] {
        ab_type type = Type<T>::description;
        type.nullable = true;
        return type;
    }();
    static std::optional<T> get(const ab_view &view, std::size_t row) {
        if (ab_is_null(&view, row)) return std::nullopt;
        return Type<T>::get(view, row);
    }
    static void put(ab_builder &builder, std::size_t row, const std::optional<T> &value) {
        if (value)
            Type<T>::put(builder, row, *value);
        else
            ab_put_null(&builder, row);
    }
};

template <class T>
struct Type<std::vector<T>> {
    static constexpr ab_field item = {"item", &Type<T>::description};
    static constexpr ab_type description = {"+l", AB_LAYOUT_LIST, 0, false, 1, &item};

    static std::vector<T> get(const ab_view &view, std::size_t row) {
        ab_extent extent = ab_items(&view, row);
        std::vector<T> values;
        values.reserve(extent.count);
        for (std::size_t index = 0; index < extent.count; index++)
            values.push_back(Type<T>::get(*view.children, extent.first + index));
        return values;
    }
    static void put(ab_builder &builder, std::size_t row, const std::vector<T> &values) {
        std::size_t at = ab_put_items(&builder, row, values.size());
        for (const auto &value : values) Type<T>::put(*builder.children, at++, value);
    }
};

template <class K, class V>
struct Type<std::map<K, V>> {
    static constexpr std::array<ab_field, 2> members = {{{"key", &Type<K>::description}, {"value", &Type<V>::description}}};
    static constexpr ab_type entry = {"+s", AB_LAYOUT_STRUCT, 0, false, 2, members.data()};
    static constexpr ab_field entries = {"entries", &entry};
    static constexpr ab_type description = {"+m", AB_LAYOUT_LIST, 0, false, 1, &entries};

    static std::map<K, V> get(const ab_view &view, std::size_t row) {
        ab_extent extent = ab_items(&view, row);
        const ab_view *columns = view.children->children;
        std::map<K, V> values;
        for (std::size_t at = extent.first; at < extent.first + extent.count; at++)
            values.insert_or_assign(Type<K>::get(columns[0], at), Type<V>::get(columns[1], at));
        return values;
    }
    static void put(ab_builder &builder, std::size_t row, const std::map<K, V> &values) {
        std::size_t at = ab_put_items(&builder, row, values.size());
        for (const auto &[key, value] : values) {
            Type<K>::put(builder.children->children[0], at, key);
            Type<V>::put(builder.children->children[1], at++, value);
        }
    }
};

} // namespace anabranch

// Makes a struct a ROW type of these members. It stands outside of any namespace.
#define ANABRANCH_ROW(Struct, ...)                                                                     \
    template <>                                                                                        \
    struct anabranch::Type<Struct> {                                                                   \
        using Row = Struct;                                                                            \
        static constexpr ab_field members[] = {AB_EACH(AB_NAME, ANABRANCH_ROW_FIELD, __VA_ARGS__)};    \
        static constexpr ab_type description = {"+s", AB_LAYOUT_STRUCT, 0, false, std::size(members), members}; \
        static Row get(const ab_view &view, std::size_t row) {                                         \
            const ab_view *child = view.children;                                                      \
            Row value{};                                                                               \
            AB_EACH(AB_NAME, ANABRANCH_ROW_GET, __VA_ARGS__)                                           \
            return value;                                                                              \
        }                                                                                              \
        static void put(ab_builder &builder, std::size_t row, const Row &value) {                      \
            ab_builder *child = builder.children;                                                      \
            AB_EACH(AB_NAME, ANABRANCH_ROW_PUT, __VA_ARGS__)                                           \
        }                                                                                              \
    };
#define ANABRANCH_ROW_FIELD(member) {#member, &anabranch::Type<decltype(Row::member)>::description},
#define ANABRANCH_ROW_GET(member) value.member = anabranch::Type<decltype(Row::member)>::get(*child++, row);
#define ANABRANCH_ROW_PUT(member) anabranch::Type<decltype(Row::member)>::put(*child++, row, value.member);

#endif

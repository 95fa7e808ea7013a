// Scalar, table and aggregate functions for Anabranch in C++. The README beside this folder is the place to start, and
// anabranch/types.hpp lists the types. Requests to web servers are in anabranch/http.hpp.
//
//     #include <anabranch.hpp>
//
//     std::string greet(std::string_view name) {
//         return "Hello, " + std::string(name) + "!";
//     }
//
//     ANABRANCH_PACKAGE(
//         anabranch::scalar<greet>({.name = "greet", .parameters = {"name"}, .doc = "Says hello to someone."}))
//
// A parameter that is no std::optional takes no NULL: where the argument is NULL, the function is not called, and the
// result is NULL, no row of a table function, nothing that an aggregate sees. A std::expected with an error makes its row
// fail, and no other. Packages are built without exceptions. Needs C++23.

#ifndef ANABRANCH_HPP
#define ANABRANCH_HPP

#include "anabranch/functions.hpp"
#include "anabranch/http.hpp"

namespace anabranch {

// What SQL sees of a function. Functions of one name are overloads.
struct Options {
    const char *name;
    std::vector<const char *> parameters = {}; // names, as many as the function has
    std::vector<const char *> columns = {};    // names of a table function's columns
    const char *doc = "";                      // Markdown, one sentence first
    bool nondeterministic = false;
};

// A function with the descriptions that ab_function points to.
struct Function {
    std::vector<ab_field> parameters;
    std::vector<ab_field> result;
    std::vector<ab_field> state;
    ab_function function{};

    Function(const Options &options, ab_kind kind) {
        function.identifier = options.name;
        function.doc = options.doc;
        function.nondeterministic = options.nondeterministic;
        function.kind = kind;
    }

    template <class... A>
    void describe_parameters(const Options &options, std::type_identity<std::tuple<A...>>) {
        (parameters.push_back({name_of(options.parameters, parameters.size()), &Type<A>::description}), ...);
    }

    // A name that was not given is that of its place.
    static const char *name_of(const std::vector<const char *> &names, std::size_t index) {
        static constexpr const char *places[] = {"a", "b", "c", "d", "e", "f", "g", "h"};
        if (index < names.size()) return names[index];
        return index < std::size(places) ? places[index] : "more";
    }
};

// A function of one row: of values, std::optional values, and what holds them.
template <auto F>
Function scalar(const Options &options) {
    using Result = typename Outcome<typename Callable<decltype(F)>::Result>::Value;
    Function made(options, AB_KIND_SCALAR);
    made.describe_parameters(options, std::type_identity<typename Callable<decltype(F)>::Arguments>());
    made.result.push_back({"", &Type<Result>::description});
    made.function.scalar = Scalar<F>::rows;
    return made;
}

// A function of whole columns: void f(Column<A> a, …, std::span<R> result). Rows with a NULL are NULL, whatever it
// computes of the arbitrary value that stands there; ab_null_row and ab_fail_row are for the others.
template <auto F>
Function scalar_columns(const Options &options) {
    Function made(options, AB_KIND_SCALAR);
    [&]<std::size_t... I>(std::index_sequence<I...>) {
        made.describe_parameters(
            options, std::type_identity<std::tuple<typename ColumnScalar<F>::template Parameter<I>::Value...>>());
    }(std::make_index_sequence<ColumnScalar<F>::count>());
    made.result.push_back({"", &Type<typename ColumnScalar<F>::Result>::description});
    made.function.scalar = ColumnScalar<F>::rows;
    made.function.over_columns = true;
    return made;
}

// A function that gives anything that iterates over rows: values, or tuples of them. It is asked for as many as the
// engine can take, and goes on from there.
template <auto F>
Function table(const Options &options) {
    Function made(options, AB_KIND_TABLE);
    made.describe_parameters(options, std::type_identity<typename Table<F>::Arguments>());
    [&]<class... C>(std::type_identity<std::tuple<C...>>) {
        (made.result.push_back({Function::name_of(options.columns, made.result.size()), &Type<C>::description}), ...);
    }(std::type_identity<typename Table<F>::Row::Tuple>());
    static_assert(alignof(typename Table<F>::Cursor) <= 16);
    made.function.table = {sizeof(typename Table<F>::Cursor), Table<F>::begin, Table<F>::next, Table<F>::end};
    return made;
}

// A type that holds what one group needs to know: T() is the empty group, and ANABRANCH_STATE lists the members that are
// kept. `accumulate` adds a row, `evaluate` gives the value; `retract`, which takes a row out again, and `merge`, which
// adds another group, are used where there are such methods.
template <class T>
Function aggregate(const Options &options) {
    Function made(options, AB_KIND_AGGREGATE);
    made.describe_parameters(options, std::type_identity<typename Callable<decltype(&T::accumulate)>::Arguments>());
    using Result = typename Outcome<typename Callable<decltype(&T::evaluate)>::Result>::Value;
    made.result.push_back({"", &Type<Result>::description});
    made.state = Aggregate<T>::State::fields(T::anabranch_state_names);
    static_assert(alignof(T) <= 16);
    ab_aggregate &functions = made.function.aggregate;
    functions.size = Slot<T>::size;
    functions.create = Slot<T>::create;
    functions.drop = Slot<T>::drop;
    functions.accumulate = Update<T, &T::accumulate>::rows;
    functions.evaluate = Aggregate<T>::evaluate;
    functions.save = Aggregate<T>::save;
    functions.restore = Aggregate<T>::restore;
    if constexpr (requires { &T::retract; }) functions.retract = Update<T, &T::retract>::rows;
    if constexpr (requires { &T::merge; }) functions.merge = Aggregate<T>::merge;
    return made;
}

// The functions of a package, as the C part of the SDK wants them.
class Package {
public:
    Package(std::initializer_list<Function> list) : functions(list) {
        for (Function &made : functions) {
            made.function.parameters = made.parameters.data();
            made.function.parameter_count = made.parameters.size();
            made.function.result = made.result.data();
            made.function.result_count = made.result.size();
            made.function.aggregate.state = made.state.data();
            made.function.aggregate.state_count = made.state.size();
            pointers.push_back(&made.function);
        }
    }
    Package(const Package &) = delete;

    ab_package package(const char *name, const char *version) const {
        return {name, version, pointers.data(), pointers.size()};
    }

private:
    std::vector<Function> functions;
    std::vector<const ab_function *> pointers;
};

// ---- What is known beforehand -----------------------------------------------------------------------------------------

// The session's time zone: an IANA name, or an offset.
inline std::string_view time_zone() {
    ab_string zone = ab_time_zone();
    return {zone.data, zone.size};
}

// An option of the function's DDL that the host does not know itself.
inline std::optional<std::string_view> option(const char *key) {
    ab_string value = ab_option_value(key);
    if (!value.data) return std::nullopt;
    return std::string_view(value.data, value.size);
}

// The value of an argument, from 0, that is a literal; nothing where it is not one, or is NULL.
template <class T>
std::optional<T> constant(std::size_t argument) {
    ab_view view;
    if (!ab_literal(argument, &Type<T>::description, &view)) return std::nullopt;
    return Type<std::optional<T>>::get(view, 0);
}

// A T of the place in the plan at which the function stands, T() at first: for what is costly to make, such as a pattern
// of a literal.
template <class T>
T &place() {
    struct Owner {
        T *value;
    };
    auto *owner = static_cast<Owner *>(ab_place(sizeof(Owner), [](void *memory) { delete static_cast<Owner *>(memory)->value; }));
    if (!owner->value) owner->value = new T();
    return *owner->value;
}

// Writes to the log of whoever runs the function; natively, to stderr.
inline void log(ab_level level, std::string_view message) {
    ab_log(level, "%.*s", static_cast<int>(message.size()), message.data());
}

} // namespace anabranch

// Lists the members of an aggregate's type that make up its state; it stands among them.
#define ANABRANCH_STATE(...)                                                                           \
    static constexpr const char *anabranch_state_names[] = {AB_EACH(AB_NAME, ANABRANCH_STATE_NAME, __VA_ARGS__)}; \
    auto anabranch_state() { return std::tie(__VA_ARGS__); }                                           \
    auto anabranch_state() const { return std::tie(__VA_ARGS__); }
#define ANABRANCH_STATE_NAME(member) #member,

// Lists the functions of a package, once, in one of its files. The name and the version are the build's.
#define ANABRANCH_PACKAGE(...)                                                                         \
    static const anabranch::Package anabranch_package{__VA_ARGS__};                                    \
    extern "C" const ab_package ab_this_package = anabranch_package.package(AB_PACKAGE_NAME, AB_PACKAGE_VERSION);

#ifndef AB_PACKAGE_NAME
#define AB_PACKAGE_NAME "package"
#define AB_PACKAGE_VERSION "0.0.0"
#endif

#endif

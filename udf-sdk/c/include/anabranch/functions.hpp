// How the kinds of functions run over the rows of columns.

#ifndef ANABRANCH_FUNCTIONS_HPP
#define ANABRANCH_FUNCTIONS_HPP

#include <expected>
#include <iterator>
#include <new>
#include <tuple>
#include <type_traits>
#include <utility>

#include "types.hpp"

namespace anabranch {

// ---- What functions take and return -----------------------------------------------------------------------------------

// The result and the parameters of a function, a lambda without captures, or a method.
template <class F>
struct Callable : Callable<decltype(&F::operator())> {};
template <class R, class... A>
struct Callable<R (*)(A...)> {
    using Result = R;
    using Arguments = std::tuple<std::remove_cvref_t<A>...>;
};
template <class R, class C, class... A>
struct Callable<R (C::*)(A...)> : Callable<R (*)(A...)> {};
template <class R, class C, class... A>
struct Callable<R (C::*)(A...) const> : Callable<R (*)(A...)> {};

// A std::expected is a value, or the error of its row.
template <class R>
struct Outcome {
    using Value = R;
    static constexpr bool may_fail = false;
};
template <class T, class E>
struct Outcome<std::expected<T, E>> {
    using Value = T;
    static constexpr bool may_fail = true;
};

inline void fail(std::string_view message) {
    ab_fail_with({message.data(), message.size()});
}

// Puts what a function returned for a row.
template <class R>
void put_outcome(ab_builder &builder, std::size_t row, const R &outcome) {
    if constexpr (Outcome<R>::may_fail) {
        if (!outcome) {
            fail(outcome.error());
            ab_put_null(&builder, row);
        } else {
            Type<typename Outcome<R>::Value>::put(builder, row, *outcome);
        }
    } else {
        Type<R>::put(builder, row, outcome);
    }
}

// Calls `run` with each row for which the function is called, `otherwise` with the others. The inner loops end at a
// failure, so that they have none in them: the compiler then makes vector instructions of functions that cannot fail.
template <class Run, class Otherwise>
void for_rows(const ab_batch &batch, Run run, Otherwise otherwise) {
    std::size_t row = 0;
    while (row < batch.rows) {
        if (!batch.selected) {
            for (; row < batch.rows; row++) {
                run(row);
                if (ab_pending) break;
            }
        } else {
            for (; row < batch.rows; row++) {
                if (ab_is_selected(&batch, row))
                    run(row);
                else
                    otherwise(row);
                if (ab_pending) break;
            }
        }
        if (ab_pending) ab_row_failed(row++);
    }
}

// ---- Scalar functions -------------------------------------------------------------------------------------------------

template <auto F, class Arguments = typename Callable<decltype(F)>::Arguments>
struct Scalar;

template <auto F, class... A>
struct Scalar<F, std::tuple<A...>> {
    static void rows(const ab_batch *batch, ab_builder *result) {
        rows(*batch, *result, std::index_sequence_for<A...>());
    }

    template <std::size_t... I>
    static void rows(const ab_batch &batch, ab_builder &result, std::index_sequence<I...>) {
        // Copies, which no value that is written can be an alias of.
        const std::array<ab_view, sizeof...(A)> columns = {batch.columns[I]...};
        ab_builder out = result;
        for_rows(
            batch,
            [&](std::size_t row) { put_outcome(out, row, F(Type<A>::get(columns[I], row)...)); },
            [&](std::size_t row) { ab_put_null(&out, row); });
        result = out;
    }
};

// A whole column, of a type of fixed size.
template <class T>
struct Column {
    std::span<const T> values;
    const std::uint8_t *validity; // one bit per row, clear where it is NULL; a null pointer where nothing is

    std::size_t size() const { return values.size(); }
    const T &operator[](std::size_t row) const { return values[row]; }
    bool is_null(std::size_t row) const { return validity && !ab_bit(validity, row); }
};

template <class C>
struct ColumnOf;
template <class T>
struct ColumnOf<Column<T>> {
    using Value = T;
    static_assert(std::is_same_v<typename Type<T>::Native, T>, "a column of numbers");
    static Column<T> of(const ab_view &view) {
        return {{static_cast<const T *>(view.values), view.rows}, view.validity};
    }
};

// A function over whole columns: void f(Column<A> a, …, std::span<R> result).
template <auto F, class Arguments = typename Callable<decltype(F)>::Arguments>
struct ColumnScalar;

template <auto F, class... All>
struct ColumnScalar<F, std::tuple<All...>> {
    static constexpr std::size_t count = sizeof...(All) - 1;
    using Tuple = std::tuple<All...>;
    using Result = typename std::tuple_element_t<count, Tuple>::value_type;
    template <std::size_t I>
    using Parameter = ColumnOf<std::tuple_element_t<I, Tuple>>;

    static void rows(const ab_batch *batch, ab_builder *result) {
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            F(Parameter<I>::of(batch->columns[I])..., std::span<Result>(static_cast<Result *>(result->values), batch->rows));
        }(std::make_index_sequence<count>());
    }
};

// ---- Table functions --------------------------------------------------------------------------------------------------

// The columns of a row that a table function gives: one value, or a tuple of them.
template <class Row>
struct Columns {
    using Tuple = std::tuple<Row>;
    static void put(ab_builder *columns, std::size_t row, const Row &value) { Type<Row>::put(columns[0], row, value); }
};
template <class... C>
struct Columns<std::tuple<C...>> {
    using Tuple = std::tuple<C...>;
    static void put(ab_builder *columns, std::size_t row, const std::tuple<C...> &value) {
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            (Type<C>::put(columns[I], row, std::get<I>(value)), ...);
        }(std::index_sequence_for<C...>());
    }
};

template <auto F>
struct Table {
    using Arguments = typename Callable<decltype(F)>::Arguments;
    using Result = typename Callable<decltype(F)>::Result;
    using Range = typename Outcome<Result>::Value;
    using Iterator = decltype(std::begin(std::declval<Range &>()));
    using End = decltype(std::end(std::declval<Range &>()));
    using Row = Columns<std::remove_cvref_t<decltype(*std::declval<Iterator &>())>>;

    // The output of a row of the input, as far as it was fetched. A range may look at the arguments while it is.
    struct Cursor {
        Arguments arguments;
        Result result;
        std::optional<std::pair<Iterator, End>> left;

        explicit Cursor(Arguments read) : arguments(std::move(read)), result(std::apply(F, arguments)) {}
    };

    static void begin(void *memory, const ab_view *columns, std::size_t row) {
        [&]<class... A, std::size_t... I>(std::type_identity<std::tuple<A...>>, std::index_sequence<I...>) {
            new (memory) Cursor(Arguments(Type<A>::get(columns[I], row)...));
        }(std::type_identity<Arguments>(), std::make_index_sequence<std::tuple_size_v<Arguments>>());
    }

    static bool next(void *memory, ab_builder *columns, std::size_t row) {
        Cursor &cursor = *static_cast<Cursor *>(memory);
        if (cursor.left) {
            ++cursor.left->first;
        } else if constexpr (Outcome<Result>::may_fail) {
            if (!cursor.result) {
                fail(cursor.result.error());
                return false;
            }
            cursor.left.emplace(std::begin(*cursor.result), std::end(*cursor.result));
        } else {
            cursor.left.emplace(std::begin(cursor.result), std::end(cursor.result));
        }
        if (cursor.left->first == cursor.left->second) return false;
        Row::put(columns, row, *cursor.left->first);
        return true;
    }

    static void end(void *memory) { static_cast<Cursor *>(memory)->~Cursor(); }
};

// ---- Aggregate functions ----------------------------------------------------------------------------------------------

// A group lies in its slot where it may be moved as bytes, else it is allocated.
template <class T>
struct Slot {
    static constexpr bool direct = std::is_trivially_copyable_v<T>;
    static constexpr std::size_t size = direct ? sizeof(T) : sizeof(T *);

    static T &get(void *slot) {
        if constexpr (direct)
            return *static_cast<T *>(slot);
        else
            return **static_cast<T **>(slot);
    }
    static const T &get(const void *slot) { return get(const_cast<void *>(slot)); }
    static void create(void *slot) {
        if constexpr (direct)
            new (slot) T();
        else
            new (slot) T *(new T());
    }
    static void drop(void *slot) {
        if constexpr (!direct) delete &get(slot);
    }
};

// The updates of groups by rows: `accumulate` or `retract`.
template <class T, auto Method, class Arguments = typename Callable<decltype(Method)>::Arguments>
struct Update;

template <class T, auto Method, class... A>
struct Update<T, Method, std::tuple<A...>> {
    static void rows(const ab_batch *batch, const std::uint32_t *groups, void *memory) {
        rows(*batch, groups, static_cast<char *>(memory), std::index_sequence_for<A...>());
    }

    template <std::size_t... I>
    static void rows(const ab_batch &batch, const std::uint32_t *groups, char *memory, std::index_sequence<I...>) {
        const std::array<ab_view, sizeof...(A)> columns = {batch.columns[I]...};
        for_rows(
            batch,
            [&](std::size_t row) {
                T &group = Slot<T>::get(memory + groups[row] * Slot<T>::size);
                settle([&] { return (group.*Method)(Type<A>::get(columns[I], row)...); });
            },
            [](std::size_t) {});
    }

    template <class Call>
    static void settle(Call call) {
        if constexpr (Outcome<decltype(call())>::may_fail) {
            if (auto outcome = call(); !outcome) fail(outcome.error());
        } else {
            call();
        }
    }
};

// The columns of a state: the members that ANABRANCH_STATE lists.
template <class State>
struct StateColumns;
template <class... M>
struct StateColumns<std::tuple<M &...>> {
    static_assert((!std::is_same_v<M, std::string_view> && ...), "a state keeps its texts itself: use std::string");
    static_assert((!std::is_same_v<M, std::span<const std::byte>> && ...), "a state keeps its bytes itself");

    static std::vector<ab_field> fields(std::span<const char *const> names) {
        std::vector<ab_field> fields;
        (fields.push_back({names[fields.size()], &Type<M>::description}), ...);
        return fields;
    }
    static void save(const std::tuple<const M &...> &members, ab_builder *columns, std::size_t row) {
        std::apply([&](const M &...member) { (Type<M>::put(*columns++, row, member), ...); }, members);
    }
    static void restore(std::tuple<M &...> members, const ab_view *columns, std::size_t row) {
        std::apply([&](M &...member) { ((member = Type<M>::get(*columns++, row)), ...); }, members);
    }
};

template <class T>
struct Aggregate {
    using State = StateColumns<decltype(std::declval<T &>().anabranch_state())>;

    static void evaluate(const void *group, ab_builder *result, std::size_t row) {
        put_outcome(*result, row, Slot<T>::get(group).evaluate());
    }
    static void merge(void *group, const void *other) {
        Update<T, &T::merge>::settle([&] { return Slot<T>::get(group).merge(Slot<T>::get(other)); });
    }
    static void save(const void *group, ab_builder *columns, std::size_t row) {
        State::save(Slot<T>::get(group).anabranch_state(), columns, row);
    }
    static void restore(void *group, const ab_view *columns, std::size_t row) {
        State::restore(Slot<T>::get(group).anabranch_state(), columns, row);
    }
};

} // namespace anabranch

#endif

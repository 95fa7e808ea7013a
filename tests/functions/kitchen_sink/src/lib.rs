//! Every kind of function over every type: what the tests and measurements of the host and the engine call.

pub mod aggregates;
pub mod failing;
pub mod identity;
#[cfg(test)]
mod native;
pub mod scalars;
pub mod tables;

pub use aggregates::{Collect, Sum};

anabranch_udf::package!(
    scalars::add,
    scalars::add_rows,
    scalars::add_doubles,
    scalars::add_text,
    scalars::upper,
    scalars::len,
    scalars::coalesce,
    scalars::constant,
    scalars::where_bound,
    scalars::random,
    failing::fail_on,
    failing::panic_on,
    failing::spin_on,
    failing::allocate,
    failing::say,
    identity::same_bool,
    identity::same_tinyint,
    identity::same_smallint,
    identity::same_int,
    identity::same_bigint,
    identity::same_float,
    identity::same_double,
    identity::same_decimal,
    identity::same_string,
    identity::same_bytes,
    identity::same_date,
    identity::same_time,
    identity::same_timestamp_seconds,
    identity::same_timestamp_millis,
    identity::same_timestamp_micros,
    identity::same_timestamp_nanos,
    identity::same_timestamp_ltz,
    identity::same_year_month,
    identity::same_day_second,
    identity::same_array,
    identity::same_nested,
    identity::same_map,
    identity::same_row,
    tables::split,
    tables::repeat,
    tables::range,
    tables::points,
    Sum,
    Collect,
);

//! Names of months, days of the week and halves of the day, as patterns of times have them.

pub const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

pub const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// The first three letters of a name.
pub fn short(name: &'static str) -> &'static str {
    &name[..3]
}

/// The half of the day whose name is there, 1 after noon, with what `after` says of it.
pub fn halves<R>(after: impl Fn(&str) -> Option<R>) -> Option<(i64, R)> {
    ["AM", "PM"].into_iter().zip(0..).find_map(|(name, half)| Some((half, after(name)?)))
}

//! Makes events of a shop's visitors as JSON lines: any number, out of order within bounds, the same for the same seed.

use std::fmt::Write as _;
use std::io::{self, BufWriter, Write};

use clap::Parser;

/// Writes events to standard output, a JSON object a line.
#[derive(Parser)]
struct Options {
    /// How many events.
    #[arg(long, default_value_t = 2_000)]
    events: u64,
    /// How many hours they span, from 2017-11-26T00:00:00Z.
    #[arg(long, default_value_t = 6)]
    hours: u64,
    /// How many users there are; a few are far busier than the others.
    #[arg(long)]
    users: Option<u64>,
    /// An event comes at most so many milliseconds behind the newest before it. The job's watermark allows 1000.
    #[arg(long, default_value_t = 900)]
    disorder: u64,
    /// The same seed makes the same events.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Events of one burst.
const BURST: u64 = 8;

/// 2017-11-26T00:00:00Z in milliseconds.
const START: u64 = 1_511_654_400_000;

fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let users = options.users.unwrap_or(options.events / 10).max(1);
    let span = options.hours.max(1) * 3_600_000;
    let mut random = SplitMix(options.seed);
    let mut out = BufWriter::with_capacity(1 << 20, io::stdout().lock());
    let mut line = String::with_capacity(160);
    for event in 0..options.events {
        // Events come in bursts, so that they are out of order however few there are.
        let burst = event - event % BURST;
        let span = u128::from(span.saturating_sub(options.disorder + 1));
        let newest = START + options.disorder + (u128::from(burst) * span / u128::from(options.events)) as u64;
        let time = newest - random.below(options.disorder + 1);
        // The square of a uniform number: low users come often.
        let uniform = random.below(1 << 20);
        let user = ((u128::from(uniform) * u128::from(uniform) * u128::from(users)) >> 40) as u64;
        let item = random.below(10_000);
        let behavior = match random.below(100) {
            0..88 => "pv",
            88..94 => "cart",
            94..98 => "fav",
            _ => "buy",
        };
        line.clear();
        write!(
            line,
            r#"{{"user_id":"u{user}","item_id":"i{item}","category_id":"c{}","behavior":"{behavior}","ts":""#,
            item % 97
        )?;
        write_time(&mut line, time)?;
        line.push_str("\"}\n");
        // A reader that has seen enough (`head`) ends the writing without complaint.
        match out.write_all(line.as_bytes()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
            written => written?,
        }
    }
    Ok(out.flush()?)
}

/// ISO 8601 with Z; always with milliseconds.
fn write_time(line: &mut String, milliseconds: u64) -> anyhow::Result<()> {
    let (days, rest) = (milliseconds / 86_400_000, milliseconds % 86_400_000);
    let (year, month, day) = civil(days as i64);
    let (seconds, millis) = (rest / 1000, rest % 1000);
    write!(
        line,
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{millis:03}Z",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    )?;
    Ok(())
}

/// Year, month and day of a count of days since 1970-01-01 (Howard Hinnant, "chrono-Compatible Low-Level Date
/// Algorithms", `civil_from_days`).
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_index = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_index + 2) / 5 + 1;
    let month = if month_index < 10 { month_index + 3 } else { month_index - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// SplitMix64 (Steele, Lea, Flood 2014): small, and the same everywhere.
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from 0 to `bound` - 1.
    fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }
}

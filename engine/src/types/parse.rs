//! The grammar of types, as Flink writes them.

use datafusion::arrow::datatypes::{DataType, FieldRef, Fields, IntervalUnit, TimeUnit};
use datafusion::sql::sqlparser::dialect::Dialect;
use datafusion::sql::sqlparser::parser::{Parser, ParserError};
use datafusion::sql::sqlparser::tokenizer::{Location, Token};

use super::{Limit, SqlType, list_of, map_of, quote_identifier, time_unit, timestamp_ltz};
use crate::error::{Result, parser_error};

/// How deep types may nest.
const MAX_DEPTH: usize = 32;

type Parsed<T> = Result<T, ParserError>;

/// Parses a type where the parser stands, NOT NULL included.
///
/// # Errors
/// Says what was expected, with its place.
pub fn parse_type(parser: &mut Parser) -> Parsed<SqlType> {
    let mut types = TypeParser { parser, open_brackets: 0, depth: 0 };
    let parsed = types.nullable_type()?;
    match types.open_brackets {
        0 => Ok(parsed),
        _ => types.fail("a type, without another >"),
    }
}

struct TypeParser<'p, 'a> {
    parser: &'p mut Parser<'a>,
    /// The tokenizer makes one token of `>>`: its second half, still to be matched.
    open_brackets: usize,
    depth: usize,
}

impl TypeParser<'_, '_> {
    fn fail<T>(&self, expected: &str) -> Parsed<T> {
        let found = self.parser.peek_token_ref();
        let text = if found.token == Token::EOF { "the end".to_owned() } else { found.token.to_string() };
        Err(parser_error(format!("expected {expected}, found {text}"), found.span.start))
    }

    fn word(&mut self, word: &str) -> bool {
        let matches = matches!(&self.parser.peek_token_ref().token,
            Token::Word(found) if found.quote_style.is_none() && found.value.eq_ignore_ascii_case(word));
        if matches {
            self.parser.advance_token();
        }
        matches
    }

    fn words(&mut self, words: &[&str]) -> bool {
        let matches = words.iter().enumerate().all(|(n, word)| {
            matches!(&self.parser.peek_nth_token_ref(n).token,
                Token::Word(found) if found.quote_style.is_none() && found.value.eq_ignore_ascii_case(word))
        });
        if matches {
            words.iter().for_each(|_| self.parser.advance_token());
        }
        matches
    }

    /// A number in parentheses, at most `max`.
    fn argument(&mut self, what: &str, min: u32, max: u32) -> Parsed<Option<u32>> {
        if !self.parser.consume_token(&Token::LParen) {
            return Ok(None);
        }
        let number = self.number(what, min, max)?;
        self.close_parenthesis()?;
        Ok(Some(number))
    }

    fn number(&mut self, what: &str, min: u32, max: u32) -> Parsed<u32> {
        let token = self.parser.peek_token_ref();
        let place = token.span.start;
        let number = match &token.token {
            Token::Number(digits, _) => digits.parse::<u32>().ok(),
            _ => return self.fail("a number"),
        };
        match number {
            Some(number) if (min..=max).contains(&number) => {
                self.parser.advance_token();
                Ok(number)
            }
            _ => Err(parser_error(format!("{what} must be between {min} and {max}"), place)),
        }
    }

    fn close_parenthesis(&mut self) -> Parsed<()> {
        match self.parser.consume_token(&Token::RParen) {
            true => Ok(()),
            false => self.fail(")"),
        }
    }

    fn close_bracket(&mut self) -> Parsed<()> {
        if self.open_brackets > 0 {
            self.open_brackets -= 1;
            return Ok(());
        }
        if self.parser.consume_token(&Token::Gt) {
            return Ok(());
        }
        if self.parser.consume_token(&Token::ShiftRight) {
            self.open_brackets = 1;
            return Ok(());
        }
        self.fail(">")
    }

    fn nullable_type(&mut self) -> Parsed<SqlType> {
        if self.depth == MAX_DEPTH {
            return self.fail("a type that nests less");
        }
        self.depth += 1;
        let mut parsed = self.plain_type()?;
        loop {
            self.depth -= 1;
            if self.open_brackets == 0 {
                if self.words(&["NOT", "NULL"]) {
                    parsed.nullable = false;
                } else {
                    self.word("NULL");
                }
                // The postfix form of collections.
                if self.word("ARRAY") {
                    parsed = array(&parsed);
                    self.depth += 1;
                    continue;
                }
            }
            return Ok(parsed);
        }
    }

    fn plain_type(&mut self) -> Parsed<SqlType> {
        let token = self.parser.peek_token_ref();
        let place = token.span.start;
        let Token::Word(word) = &token.token else { return self.fail("a type") };
        if word.quote_style.is_some() {
            return Err(parser_error(
                format!("the type {} is not known: there are no user-defined types", token.token),
                place,
            ));
        }
        let name = word.value.to_ascii_uppercase();
        self.parser.advance_token();
        let fixed = |data_type| Ok(SqlType::new(name.as_str(), data_type));
        match name.as_str() {
            "BOOLEAN" => fixed(DataType::Boolean),
            "TINYINT" => fixed(DataType::Int8),
            "SMALLINT" => fixed(DataType::Int16),
            "INT" | "INTEGER" => Ok(SqlType::new("INT", DataType::Int32)),
            "BIGINT" => fixed(DataType::Int64),
            "FLOAT" => fixed(DataType::Float32),
            "DOUBLE" => {
                self.word("PRECISION");
                fixed(DataType::Float64)
            }
            "DECIMAL" | "DEC" | "NUMERIC" => self.decimal(),
            "STRING" => fixed(DataType::Utf8),
            "BYTES" => fixed(DataType::Binary),
            "CHAR" | "CHARACTER" => {
                let varying = name == "CHARACTER" && self.word("VARYING");
                let length = self.argument("the length", 1, i32::MAX as u32)?.unwrap_or(1);
                Ok(text(if varying { "VARCHAR" } else { "CHAR" }, length, DataType::Utf8))
            }
            "VARCHAR" => {
                Ok(text("VARCHAR", self.argument("the length", 1, i32::MAX as u32)?.unwrap_or(1), DataType::Utf8))
            }
            "BINARY" => {
                Ok(text("BINARY", self.argument("the length", 1, i32::MAX as u32)?.unwrap_or(1), DataType::Binary))
            }
            "VARBINARY" => {
                Ok(text("VARBINARY", self.argument("the length", 1, i32::MAX as u32)?.unwrap_or(1), DataType::Binary))
            }
            "DATE" => fixed(DataType::Date32),
            "TIME" => {
                let precision = self.argument("the precision of TIME", 0, 9)?.unwrap_or(0);
                if precision > 3 {
                    return Err(parser_error(
                        format!("TIME({precision}) is not supported: TIME keeps milliseconds"),
                        place,
                    ));
                }
                self.words(&["WITHOUT", "TIME", "ZONE"]);
                Ok(SqlType::limited("TIME", Limit::Digits(precision), DataType::Time32(TimeUnit::Millisecond)))
            }
            "TIMESTAMP" => self.timestamp(place),
            "TIMESTAMP_LTZ" => {
                let precision = self.argument("the precision of TIMESTAMP_LTZ", 0, 9)?.unwrap_or(6);
                Ok(SqlType::limited("TIMESTAMP_LTZ", Limit::Digits(precision), timestamp_ltz(time_unit(precision))))
            }
            "INTERVAL" => self.interval(),
            "NULL" => fixed(DataType::Null),
            "ARRAY" => {
                self.open_bracket()?;
                let item = self.nullable_type()?;
                self.close_bracket()?;
                Ok(array(&item))
            }
            "MAP" => {
                self.open_bracket()?;
                let key = self.nullable_type()?;
                if !self.parser.consume_token(&Token::Comma) {
                    return self.fail(",");
                }
                let value = self.nullable_type()?;
                self.close_bracket()?;
                let data_type = map_of(key.data_type.clone(), value.data_type.clone(), value.nullable);
                Ok(SqlType::new(format!("MAP<{key}, {value}>"), data_type))
            }
            "ROW" => self.row(),
            "MULTISET" | "RAW" | "VARIANT" | "TIMESTAMP_TZ" => {
                Err(parser_error(format!("the type {name} is not supported"), place))
            }
            _ => {
                let hint = crate::suggest::did_you_mean(&name, TYPE_NAMES.iter().copied());
                Err(parser_error(format!("the type {name} is not known; {hint}"), place))
            }
        }
    }

    fn open_bracket(&mut self) -> Parsed<()> {
        match self.parser.consume_token(&Token::Lt) {
            true => Ok(()),
            false => self.fail("<"),
        }
    }

    fn decimal(&mut self) -> Parsed<SqlType> {
        let (mut precision, mut scale) = (10, 0);
        if self.parser.consume_token(&Token::LParen) {
            precision = self.number("the precision of DECIMAL", 1, 38)?;
            if self.parser.consume_token(&Token::Comma) {
                scale = self.number("the scale of DECIMAL", 0, precision)?;
            }
            self.close_parenthesis()?;
        }
        Ok(SqlType::new(format!("DECIMAL({precision}, {scale})"), DataType::Decimal128(precision as u8, scale as i8)))
    }

    fn timestamp(&mut self, place: Location) -> Parsed<SqlType> {
        let precision = self.argument("the precision of TIMESTAMP", 0, 9)?.unwrap_or(6);
        if self.words(&["WITH", "LOCAL", "TIME", "ZONE"]) {
            return Ok(SqlType::limited(
                "TIMESTAMP_LTZ",
                Limit::Digits(precision),
                timestamp_ltz(time_unit(precision)),
            ));
        }
        if self.words(&["WITH", "TIME", "ZONE"]) {
            let message = "TIMESTAMP WITH TIME ZONE is not supported; use TIMESTAMP WITH LOCAL TIME ZONE";
            return Err(parser_error(message, place));
        }
        self.words(&["WITHOUT", "TIME", "ZONE"]);
        Ok(SqlType::limited("TIMESTAMP", Limit::Digits(precision), DataType::Timestamp(time_unit(precision), None)))
    }

    fn interval(&mut self) -> Parsed<SqlType> {
        let mut text = String::from("INTERVAL");
        let mut months = None;
        for place in 0..2 {
            let unit = ["YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"].into_iter().find(|unit| self.word(unit));
            let Some(unit) = unit else { return self.fail("YEAR, MONTH, DAY, HOUR, MINUTE or SECOND") };
            let of_months = matches!(unit, "YEAR" | "MONTH");
            if *months.get_or_insert(of_months) != of_months {
                return self.fail("units of one kind: years and months, or days to seconds");
            }
            text.push(' ');
            text.push_str(unit);
            if let Some(precision) = self.argument("the precision of an interval", 0, 9)? {
                text.push_str(&format!("({precision})"));
            }
            if place == 0 && self.word("TO") {
                text.push_str(" TO");
            } else {
                break;
            }
        }
        Ok(SqlType::new(
            text,
            match months {
                Some(true) => DataType::Interval(IntervalUnit::YearMonth),
                _ => DataType::Duration(TimeUnit::Millisecond),
            },
        ))
    }

    fn row(&mut self) -> Parsed<SqlType> {
        let parentheses = self.parser.consume_token(&Token::LParen);
        if !parentheses {
            self.open_bracket()?;
        }
        let (mut fields, mut texts): (Vec<FieldRef>, Vec<String>) = Default::default();
        loop {
            let Token::Word(name) = self.parser.peek_token_ref().token.clone() else {
                return self.fail("a field name");
            };
            if fields.iter().any(|field| *field.name() == name.value) {
                return self.fail("a field name that is not taken");
            }
            self.parser.advance_token();
            let field = self.nullable_type()?;
            texts.push(format!("{} {field}", quote_identifier(&name.value)));
            fields.push(field.field(&name.value));
            if self.open_brackets == 0 {
                if matches!(self.parser.peek_token_ref().token, Token::SingleQuotedString(_)) {
                    // A comment on the field.
                    self.parser.advance_token();
                }
                if self.parser.consume_token(&Token::Comma) {
                    continue;
                }
            }
            break;
        }
        match parentheses {
            true => self.close_parenthesis()?,
            false => self.close_bracket()?,
        }
        Ok(SqlType::new(format!("ROW<{}>", texts.join(", ")), DataType::Struct(Fields::from(fields))))
    }
}

fn array(item: &SqlType) -> SqlType {
    SqlType::new(format!("ARRAY<{item}>"), list_of(item.data_type.clone(), item.nullable))
}

/// `VARCHAR(2147483647)` is what STRING stands for.
fn text(name: &str, length: u32, data_type: DataType) -> SqlType {
    match (name, length) {
        ("VARCHAR", 2_147_483_647) => SqlType::new("STRING", data_type),
        ("VARBINARY", 2_147_483_647) => SqlType::new("BYTES", data_type),
        ("CHAR" | "BINARY", length) => SqlType::limited(name, Limit::Length(length), data_type),
        (_, length) => SqlType::limited(name, Limit::MaxLength(length), data_type),
    }
}

const TYPE_NAMES: &[&str] = &[
    "BOOLEAN",
    "TINYINT",
    "SMALLINT",
    "INT",
    "INTEGER",
    "BIGINT",
    "FLOAT",
    "DOUBLE",
    "DECIMAL",
    "NUMERIC",
    "STRING",
    "BYTES",
    "CHAR",
    "VARCHAR",
    "BINARY",
    "VARBINARY",
    "DATE",
    "TIME",
    "TIMESTAMP",
    "TIMESTAMP_LTZ",
    "INTERVAL",
    "ARRAY",
    "MAP",
    "ROW",
];

/// Only what the tokenizer has to know to read a type by itself.
#[derive(Debug)]
pub(super) struct TypeDialect;

impl Dialect for TypeDialect {
    fn is_delimited_identifier_start(&self, character: char) -> bool {
        character == '`'
    }

    fn is_identifier_start(&self, character: char) -> bool {
        character.is_alphabetic() || character == '_'
    }

    fn is_identifier_part(&self, character: char) -> bool {
        character.is_alphanumeric() || character == '_' || character == '$'
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    fn shown(text: &str) -> String {
        match SqlType::parse(text) {
            Ok(parsed) => format!("{parsed} = {}", parsed.data_type),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn types() {
        let texts = [
            "int",
            "INTEGER NOT NULL",
            "double precision",
            "DECIMAL",
            "NUMERIC(38, 18)",
            "VARCHAR",
            "varchar(3)",
            "VARCHAR(2147483647)",
            "STRING",
            "BYTES",
            "CHAR(2)",
            "BINARY(16)",
            "DATE",
            "TIME",
            "TIME(3)",
            "TIMESTAMP",
            "TIMESTAMP(3)",
            "TIMESTAMP(0) WITHOUT TIME ZONE",
            "TIMESTAMP(9)",
            "TIMESTAMP_LTZ(3)",
            "TIMESTAMP(3) WITH LOCAL TIME ZONE NOT NULL",
            "INTERVAL DAY(2) TO SECOND(3)",
            "INTERVAL YEAR",
            "INT ARRAY",
            "ARRAY<ARRAY<INT NOT NULL>>",
            "MAP<STRING, ARRAY<MAP<INT, BIGINT>>>",
            "ROW<a INT NOT NULL, `b c` ROW<d ARRAY<STRING>>>",
            "ROW(a INT, b STRING 'what b is')",
        ];
        let all: Vec<_> = texts.iter().map(|text| shown(text)).collect();
        expect![[r#"
            INT = Int32
            INT NOT NULL = Int32
            DOUBLE = Float64
            DECIMAL(10, 0) = Decimal128(10, 0)
            DECIMAL(38, 18) = Decimal128(38, 18)
            VARCHAR(1) = Utf8
            VARCHAR(3) = Utf8
            STRING = Utf8
            STRING = Utf8
            BYTES = Binary
            CHAR(2) = Utf8
            BINARY(16) = Binary
            DATE = Date32
            TIME(0) = Time32(ms)
            TIME(3) = Time32(ms)
            TIMESTAMP(6) = Timestamp(µs)
            TIMESTAMP(3) = Timestamp(ms)
            TIMESTAMP(0) = Timestamp(s)
            TIMESTAMP(9) = Timestamp(ns)
            TIMESTAMP_LTZ(3) = Timestamp(ms, "UTC")
            TIMESTAMP_LTZ(3) NOT NULL = Timestamp(ms, "UTC")
            INTERVAL DAY(2) TO SECOND(3) = Duration(ms)
            INTERVAL YEAR = Interval(YearMonth)
            ARRAY<INT> = List(Int32)
            ARRAY<ARRAY<INT NOT NULL>> = List(List(non-null Int32))
            MAP<STRING, ARRAY<MAP<INT, BIGINT>>> = Map("entries": non-null Struct("key": non-null Utf8, "value": List(Map("entries": non-null Struct("key": non-null Int32, "value": Int64), unsorted))), unsorted)
            ROW<`a` INT NOT NULL, `b c` ROW<`d` ARRAY<STRING>>> = Struct("a": non-null Int32, "b c": Struct("d": List(Utf8)))
            ROW<`a` INT, `b` STRING> = Struct("a": Int32, "b": Utf8)"#]].assert_eq(&all.join("\n"));
    }

    #[test]
    fn refusals() {
        let texts = [
            "",
            "STRNG",
            "INT STRING",
            "DECIMAL(39)",
            "DECIMAL(5, 6)",
            "TIMESTAMP(10)",
            "TIMESTAMP WITH TIME ZONE",
            "ARRAY<INT",
            "ARRAY<INT>>",
            "MAP<INT>",
            "ROW<INT>",
            "ROW<a INT, a INT>",
            "INTERVAL DAY TO MONTH",
            "MULTISET<INT>",
            "TIME(6)",
            "`INT`",
            "VARCHAR(0)",
            "VARCHAR(x)",
            "VARCHAR(3",
        ];
        let all: Vec<_> = texts.iter().map(|text| format!("{text:26} {}", shown(text))).collect();
        expect![[r#"
                                       expected a type, found the end
            STRNG                      the type STRNG is not known; did you mean `STRING`? (line 1, column 1)
            INT STRING                 expected the end of the type, found STRING (line 1, column 5)
            DECIMAL(39)                the precision of DECIMAL must be between 1 and 38 (line 1, column 9)
            DECIMAL(5, 6)              the scale of DECIMAL must be between 0 and 5 (line 1, column 12)
            TIMESTAMP(10)              the precision of TIMESTAMP must be between 0 and 9 (line 1, column 11)
            TIMESTAMP WITH TIME ZONE   TIMESTAMP WITH TIME ZONE is not supported; use TIMESTAMP WITH LOCAL TIME ZONE (line 1, column 1)
            ARRAY<INT                  expected >, found the end
            ARRAY<INT>>                expected a type, without another >, found the end
            MAP<INT>                   expected ,, found > (line 1, column 8)
            ROW<INT>                   expected a type, found > (line 1, column 8)
            ROW<a INT, a INT>          expected a field name that is not taken, found a (line 1, column 12)
            INTERVAL DAY TO MONTH      expected units of one kind: years and months, or days to seconds, found the end
            MULTISET<INT>              the type MULTISET is not supported (line 1, column 1)
            TIME(6)                    TIME(6) is not supported: TIME keeps milliseconds (line 1, column 1)
            `INT`                      the type `INT` is not known: there are no user-defined types (line 1, column 1)
            VARCHAR(0)                 the length must be between 1 and 2147483647 (line 1, column 9)
            VARCHAR(x)                 expected a number, found x (line 1, column 9)
            VARCHAR(3                  expected ), found the end"#]].assert_eq(&all.join("\n"));
    }
}

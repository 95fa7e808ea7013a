//! Rows of a program as a table: `VALUES` with the types of the Rust values.

use datafusion::sql::sqlparser::ast::{self, Expr, Value};

use super::table::{alias, derived, select_from};
use crate::error::{Error, Result};
use crate::types::SqlType;

/// A value of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Element {
    /// NULL of a SQL type.
    Null(&'static str),
    Boolean(bool),
    Int(i32),
    BigInt(i64),
    Float(f32),
    Double(f64),
    String(String),
}

/// What can be a value of a row.
pub trait IntoElement {
    /// The SQL type of all values of this Rust type.
    const SQL_TYPE: &'static str;

    fn into_element(self) -> Element;
}

macro_rules! elements {
    ($($rust:ty, $sql:literal, $variant:ident;)*) => {
        $(impl IntoElement for $rust {
            const SQL_TYPE: &'static str = $sql;

            fn into_element(self) -> Element {
                Element::$variant(self.into())
            }
        })*
    };
}

elements! {
    bool, "BOOLEAN", Boolean;
    i32, "INT", Int;
    i64, "BIGINT", BigInt;
    f32, "FLOAT", Float;
    f64, "DOUBLE", Double;
    &str, "STRING", String;
    String, "STRING", String;
}

impl<T: IntoElement> IntoElement for Option<T> {
    const SQL_TYPE: &'static str = T::SQL_TYPE;

    fn into_element(self) -> Element {
        self.map_or(Element::Null(T::SQL_TYPE), T::into_element)
    }
}

/// What can be a row: a tuple of values.
pub trait Row {
    fn elements(self) -> Vec<Element>;
}

macro_rules! rows {
    ($(($($name:ident),*),)*) => {
        $(impl<$($name: IntoElement),*> Row for ($($name,)*) {
            #[allow(non_snake_case)]
            fn elements(self) -> Vec<Element> {
                let ($($name,)*) = self;
                vec![$($name.into_element()),*]
            }
        })*
    };
}

rows! { (A), (A, B), (A, B, C), (A, B, C, D), (A, B, C, D, E), (A, B, C, D, E, F), (A, B, C, D, E, F, G), (A, B, C, D, E, F, G, H), }

impl Row for Vec<Element> {
    fn elements(self) -> Vec<Element> {
        self
    }
}

/// `SELECT * FROM (VALUES …) AS T (names)`.
///
/// # Errors
/// User errors for no rows, and rows with another number of values than there are names.
pub(super) fn values<R: Row>(rows: impl IntoIterator<Item = R>, names: &[String]) -> Result<Box<ast::Query>> {
    let mut content = vec![];
    for row in rows {
        let elements = row.elements();
        if elements.len() != names.len() {
            return Err(Error::user(format!(
                "a row has {} values, and there are {} names",
                elements.len(),
                names.len()
            )));
        }
        let expressions = elements.into_iter().map(literal).collect::<Result<Vec<_>>>()?;
        content.push(ast::Parens::with_empty_span(expressions));
    }
    if content.is_empty() {
        return Err(Error::user("a table of elements needs at least one row"));
    }
    let mut query = select_from(derived(crate::sql::parse_query("VALUES (1)")?, None))?;
    let values = ast::SetExpr::Values(ast::Values { explicit_row: false, value_keyword: false, rows: content });
    let mut inner = crate::sql::parse_query("VALUES (1)")?;
    inner.body = Box::new(values);
    if let ast::SetExpr::Select(select) = query.body.as_mut() {
        let idents = names.iter().map(|name| ast::Ident::with_quote('`', name.clone())).collect();
        select.from = vec![ast::TableWithJoins { relation: derived(inner, Some(alias("T", idents))), joins: vec![] }];
    }
    Ok(query)
}

fn literal(element: Element) -> Result<Expr> {
    let value = |value: Value| Expr::Value(value.into());
    let number = |text: String| value(Value::Number(text, false));
    let (expr, sql_type) = match element {
        Element::Null(sql_type) => (value(Value::Null), sql_type),
        Element::Boolean(boolean) => return Ok(value(Value::Boolean(boolean))),
        Element::Int(int) => (signed(int.into(), number), "INT"),
        Element::BigInt(int) => (signed(int.into(), number), "BIGINT"),
        // As text, which casts exactly, infinities and NaN included.
        Element::Float(float) => (value(Value::SingleQuotedString(float_text(float.into(), float))), "FLOAT"),
        Element::Double(double) => (value(Value::SingleQuotedString(float_text(double, double))), "DOUBLE"),
        Element::String(text) => (value(Value::SingleQuotedString(text)), "STRING"),
    };
    let data_type = SqlType::parse(sql_type)?.to_ast();
    Ok(Expr::Cast { kind: ast::CastKind::Cast, expr: Box::new(expr), data_type, array: false, format: None })
}

/// `text`, which is that of `value`, as casts take it: infinities have other names in Java than in Rust.
fn float_text(value: f64, text: impl ToString) -> String {
    match value {
        f64::INFINITY => "Infinity".to_owned(),
        f64::NEG_INFINITY => "-Infinity".to_owned(),
        _ => text.to_string(),
    }
}

fn signed(int: i128, number: impl Fn(String) -> Expr) -> Expr {
    match int < 0 {
        true => Expr::UnaryOp { op: ast::UnaryOperator::Minus, expr: Box::new(number((-int).to_string())) },
        false => number(int.to_string()),
    }
}

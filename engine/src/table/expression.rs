//! Expressions of the Table API as text, as Flink 1.9 has them: SQL's expressions, and functions after their argument.
//!
//! | text | means |
//! |---|---|
//! | `word, count(1) as cnt` | itself |
//! | `user_id.count.distinct as uv` | `COUNT(DISTINCT user_id)` |
//! | `w.start`, `w.end`, `w.rowtime`, `w.proctime` | the window's, where `w` is its alias |
//! | `1.hours`, `5.minutes` | intervals |
//! | `name.upperCase`, `a.isNull`, `a.cast(BIGINT)`, `a.f(b)` | `UPPER(name)`, `a IS NULL`, `CAST(a AS BIGINT)`, `f(a, b)` |
//! | `a === b && c !== d` | `a = b AND c <> d` |

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{self, Expr, Ident, SelectItem};
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::parser::Parser;
use datafusion::sql::sqlparser::tokenizer::{Token, TokenWithSpan, Word};

use super::window::GroupWindow;
use crate::error::{Error, Position, Result};
use crate::sql::dialect::{FlinkDialect, call};
use crate::sql::tokenize;
use crate::types::SqlType;

/// `a, b as c, …`, with the window that `w.start` and the like speak of.
///
/// # Errors
/// User errors that show the text.
pub(super) fn select_list(text: &str, window: Option<&GroupWindow>) -> Result<Vec<SelectItem>> {
    parse(
        text,
        |parser| parser.parse_comma_separated(Parser::parse_select_item),
        |item, fail| match item {
            SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => postfix(expr, window, fail),
            _ => {}
        },
    )
}

/// `a, f(b), …`.
///
/// # Errors
/// User errors that show the text.
pub(super) fn expressions(text: &str, window: Option<&GroupWindow>) -> Result<Vec<Expr>> {
    parse(text, |parser| parser.parse_comma_separated(Parser::parse_expr), |expr, fail| postfix(expr, window, fail))
}

/// One expression.
///
/// # Errors
/// User errors that show the text.
pub(super) fn expression(text: &str) -> Result<Expr> {
    let mut all = expressions(text, None)?;
    match (all.pop(), all.is_empty()) {
        (Some(expr), true) => Ok(expr),
        _ => Err(Error::user(format!("expected one expression in '{text}'"))),
    }
}

/// Names of columns: `a, b`.
///
/// # Errors
/// User errors that show the text.
pub(super) fn names(text: &str) -> Result<Vec<Ident>> {
    let all = expressions(text, None)?.into_iter().map(|expr| match expr {
        Expr::Identifier(name) => Ok(name),
        other => Err(Error::user(format!("expected a name in '{text}', found {other}"))),
    });
    all.collect()
}

/// A call of a table function and new names for its columns: `split(line) as (word, length)`.
///
/// # Errors
/// User errors that show the text.
pub(super) fn table_call(text: &str) -> Result<(Expr, Vec<Ident>)> {
    let parsed = parse(
        text,
        |parser| {
            let expr = parser.parse_expr()?;
            let names = match parser.parse_keyword(Keyword::AS) {
                false => vec![],
                true if parser.peek_token_ref().token == Token::LParen => {
                    parser.parse_parenthesized(|parser| parser.parse_comma_separated(Parser::parse_identifier))?
                }
                true => vec![parser.parse_identifier()?],
            };
            Ok(vec![(expr, names)])
        },
        |(expr, _), fail| postfix(expr, None, fail),
    )?;
    match parsed.into_iter().next() {
        Some((expr @ Expr::Function(_), names)) => Ok((expr, names)),
        _ => Err(Error::user(format!("expected a call of a table function in '{text}'"))),
    }
}

/// Parses the whole text, then gives each item to `finish`, which puts what is wrong into its second argument.
fn parse<T>(
    text: &str,
    items: impl FnOnce(&mut Parser) -> Result<Vec<T>, datafusion::sql::sqlparser::parser::ParserError>,
    finish: impl Fn(&mut T, &mut Option<String>),
) -> Result<Vec<T>> {
    let shown = |error: Error| Error::user(format!("{} in the expression '{text}'", error.message()));
    let tokens = rewrite(tokenize(text).map_err(shown)?);
    let dialect = FlinkDialect::of(text);
    let mut parser = Parser::new(&dialect).with_tokens_with_locations(tokens);
    let mut parsed =
        items(&mut parser).map_err(|error| shown(dialect.explain(error, Position { line: 1, column: 1 })))?;
    let rest = parser.peek_token_ref();
    if rest.token != Token::EOF {
        return Err(shown(Error::user(format!("expected the end, found {}", rest.token))));
    }
    let mut problem = None;
    parsed.iter_mut().for_each(|item| finish(item, &mut problem));
    match problem {
        None => Ok(parsed),
        Some(problem) => Err(shown(Error::user(problem))),
    }
}

/// `1.hours` to `INTERVAL '1' HOUR`, `===` to `=`, `&&` to `AND`, in tokens. Places are dropped: they would be read as
/// places in SQL.
fn rewrite(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let tokens: Vec<Token> =
        tokens.into_iter().map(|token| token.token).filter(|token| !matches!(token, Token::Whitespace(_))).collect();
    let mut rewritten: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut rest = tokens.as_slice();
    while let [token, after @ ..] = rest {
        rest = after;
        match (token, after) {
            (Token::Number(number, _), [Token::Word(unit), ..])
                if number.ends_with('.') && interval_unit(&unit.value).is_some() =>
            {
                let unit = interval_unit(&unit.value).unwrap_or_default();
                rewritten.push(Token::make_keyword("INTERVAL"));
                rewritten.push(Token::SingleQuotedString(number.trim_end_matches('.').to_owned()));
                rewritten.push(Token::make_keyword(unit));
                rest = &after[1..];
            }
            (Token::DoubleEq, [Token::Eq, ..]) | (Token::Neq, [Token::Eq, ..]) => {
                rewritten.push(if *token == Token::Neq { Token::Neq } else { Token::Eq });
                rest = &after[1..];
            }
            (Token::DoubleEq, _) => rewritten.push(Token::Eq),
            (Token::Overlap, _) => rewritten.push(Token::make_keyword("AND")),
            (Token::StringConcat, _) => rewritten.push(Token::make_keyword("OR")),
            // The name of a member, even where it is a keyword: `w.end`.
            (Token::Period, [Token::Word(member), ..]) => {
                let name =
                    Word { value: member.value.clone(), quote_style: member.quote_style, keyword: Keyword::NoKeyword };
                rewritten.extend([Token::Period, Token::Word(name)]);
                rest = &after[1..];
            }
            _ => rewritten.push(token.clone()),
        }
    }
    rewritten.into_iter().map(TokenWithSpan::wrap).collect()
}

fn interval_unit(word: &str) -> Option<&'static str> {
    Some(match word.to_lowercase().as_str() {
        "year" | "years" => "YEAR",
        "month" | "months" => "MONTH",
        "day" | "days" => "DAY",
        "hour" | "hours" => "HOUR",
        "minute" | "minutes" => "MINUTE",
        "second" | "seconds" => "SECOND",
        _ => return None,
    })
}

/// Functions that may stand after their argument without parentheses, and their names in SQL.
const POSTFIX: &[(&str, &str)] = &[
    ("abs", "ABS"),
    ("avg", "AVG"),
    ("ceil", "CEIL"),
    ("charlength", "CHAR_LENGTH"),
    ("count", "COUNT"),
    ("exp", "EXP"),
    ("floor", "FLOOR"),
    ("initcap", "INITCAP"),
    ("lowercase", "LOWER"),
    ("max", "MAX"),
    ("min", "MIN"),
    ("sqrt", "SQRT"),
    ("stddevpop", "STDDEV_POP"),
    ("stddevsamp", "STDDEV_SAMP"),
    ("sum", "SUM"),
    ("trim", "TRIM"),
    ("uppercase", "UPPER"),
    ("varpop", "VAR_POP"),
    ("varsamp", "VAR_SAMP"),
];

/// Puts functions that stand after their arguments before them, throughout the expression.
fn postfix(expr: &mut Expr, window: Option<&GroupWindow>, problem: &mut Option<String>) {
    let _ = ast::visit_expressions_mut(expr, |expr| {
        let replaced = match expr {
            Expr::CompoundIdentifier(parts) => members(parts, window),
            Expr::Function(function) => method(function, window),
            Expr::CompoundFieldAccess { root, access_chain } => accesses(root, access_chain),
            _ => Ok(None),
        };
        match replaced {
            Ok(None) => ControlFlow::Continue(()),
            Ok(Some(new)) => {
                *expr = new;
                ControlFlow::Continue(())
            }
            Err(said) => {
                problem.get_or_insert(said);
                ControlFlow::Break(())
            }
        }
    });
}

type Replaced = Result<Option<Expr>, String>;

/// `a.b.sum`: the members at the end that are functions.
fn members(parts: &[Ident], window: Option<&GroupWindow>) -> Replaced {
    if let ([alias, property], Some(window)) = (parts, window)
        && alias.value == window.alias
    {
        return window.property(&property.value).map(Some);
    }
    let functions = parts.iter().rev().take(parts.len() - 1).take_while(|part| is_postfix(part)).count();
    if functions == 0 {
        return Ok(None);
    }
    let (column, functions) = parts.split_at(parts.len() - functions);
    let mut expr = match column {
        [name] => Expr::Identifier(name.clone()),
        names => Expr::CompoundIdentifier(names.to_vec()),
    };
    for function in functions {
        expr = apply(expr, &function.value)?;
    }
    Ok(Some(expr))
}

fn is_postfix(part: &Ident) -> bool {
    let name = part.value.to_lowercase();
    part.quote_style.is_none()
        && (matches!(
            name.as_str(),
            "distinct" | "isnull" | "isnotnull" | "istrue" | "isfalse" | "todate" | "totime" | "totimestamp"
        ) || POSTFIX.iter().any(|(postfix, _)| *postfix == name))
}

fn apply(expr: Expr, function: &str) -> Result<Expr, String> {
    let name = function.to_lowercase();
    let boxed = |expr| Box::new(expr);
    Ok(match name.as_str() {
        "isnull" => Expr::IsNull(boxed(expr)),
        "isnotnull" => Expr::IsNotNull(boxed(expr)),
        "istrue" => Expr::IsTrue(boxed(expr)),
        "isfalse" => Expr::IsFalse(boxed(expr)),
        "todate" => cast(expr, "DATE")?,
        "totime" => cast(expr, "TIME")?,
        "totimestamp" => cast(expr, "TIMESTAMP(3)")?,
        "distinct" => match expr {
            Expr::Function(mut function) => {
                if let ast::FunctionArguments::List(list) = &mut function.args {
                    list.duplicate_treatment = Some(ast::DuplicateTreatment::Distinct);
                }
                Expr::Function(function)
            }
            other => return Err(format!("'distinct' follows an aggregate, as in {other}.count.distinct")),
        },
        _ => match POSTFIX.iter().find(|(postfix, _)| *postfix == name) {
            Some((_, name)) => call(Ident::new(*name), vec![expr]),
            None => call(Ident::new(function), vec![expr]),
        },
    })
}

fn cast(expr: Expr, target: &str) -> Result<Expr, String> {
    let target = SqlType::parse(target).map_err(|error| error.message().to_owned())?;
    Ok(Expr::Cast {
        kind: ast::CastKind::Cast,
        expr: Box::new(expr),
        data_type: target.to_ast(),
        array: false,
        format: None,
    })
}

/// `a.f(b)`: a function whose name has members is called with what stands before the last one as its first argument.
fn method(function: &mut ast::Function, window: Option<&GroupWindow>) -> Replaced {
    let mut parts: Vec<Ident> = function.name.0.iter().filter_map(|part| part.as_ident()).cloned().collect();
    if parts.len() < 2 || parts.len() != function.name.0.len() {
        return Ok(None);
    }
    let Some(name) = parts.pop() else { return Ok(None) };
    let receiver = match members(&parts, window)? {
        Some(expr) => expr,
        None if parts.len() == 1 => Expr::Identifier(parts.remove(0)),
        None => Expr::CompoundIdentifier(parts),
    };
    method_call(receiver, name, &function.args).map(Some)
}

fn method_call(receiver: Expr, name: Ident, args: &ast::FunctionArguments) -> Result<Expr, String> {
    let mut arguments = vec![receiver];
    if let ast::FunctionArguments::List(list) = args {
        for arg in &list.args {
            match arg {
                ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Expr(expr)) => arguments.push(expr.clone()),
                other => return Err(format!("{other} cannot be an argument of {name}")),
            }
        }
    }
    if name.value.eq_ignore_ascii_case("cast") {
        return match <[Expr; 2]>::try_from(arguments) {
            Ok([expr, target]) => cast(expr, &target.to_string()),
            Err(_) => Err("cast takes one type, as in a.cast(BIGINT)".into()),
        };
    }
    if arguments.len() == 1 && is_postfix(&name) {
        let receiver = arguments.remove(0);
        return apply(receiver, &name.value);
    }
    Ok(call(name, arguments))
}

/// `(a + b).sum`, `f(x).sum.distinct`.
fn accesses(root: &Expr, chain: &[ast::AccessExpr]) -> Replaced {
    let mut expr = root.clone();
    for access in chain {
        expr = match access {
            ast::AccessExpr::Dot(Expr::Identifier(name)) if is_postfix(name) => apply(expr, &name.value)?,
            ast::AccessExpr::Dot(Expr::Function(function)) => match function.name.0.as_slice() {
                [ast::ObjectNamePart::Identifier(name)] => method_call(expr, name.clone(), &function.args)?,
                _ => return Ok(None),
            },
            _ => return Ok(None),
        };
    }
    Ok(Some(expr))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::window::Tumble;
    use super::*;

    fn shown(text: &str) -> String {
        let window = Tumble::over("1.hours").on("rowtime").alias("w").parse().unwrap();
        match select_list(text, Some(&window)) {
            Ok(items) => items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
            Err(error) => format!("error: {error}"),
        }
    }

    #[test]
    fn select_lists() {
        let texts = [
            "word, count(1) as cnt",
            "w.start as startTime, w.end as endTime, COUNT(1) as pv, user_id.count.distinct as uv",
            "w.rowtime",
            "(a + b).sum, f(x).avg as m, a.sum + 1",
            "name.upperCase, a.isNull, a.cast(DECIMAL(10, 2)), a.plus(b, 1)",
            "a === b && c !== d || e == 1",
            "rowtime - 5.minutes",
            "*",
            "`a.count`, t.a, a.`count`",
            "a.b.count",
            "x.distinct",
            "w.middle",
            "a as",
            "a b c",
            "a,,b",
            "a.cast(STRNG)",
        ];
        let all: Vec<_> = texts.iter().map(|text| format!("{text}\n  {}", shown(text))).collect();
        expect![[r#"
            word, count(1) as cnt
              word, count(1) AS cnt
            w.start as startTime, w.end as endTime, COUNT(1) as pv, user_id.count.distinct as uv
              TUMBLE_START(rowtime, INTERVAL '1' HOUR) AS startTime, TUMBLE_END(rowtime, INTERVAL '1' HOUR) AS endTime, COUNT(1) AS pv, COUNT(DISTINCT user_id) AS uv
            w.rowtime
              TUMBLE_ROWTIME(rowtime, INTERVAL '1' HOUR)
            (a + b).sum, f(x).avg as m, a.sum + 1
              SUM((a + b)), AVG(f(x)) AS m, SUM(a) + 1
            name.upperCase, a.isNull, a.cast(DECIMAL(10, 2)), a.plus(b, 1)
              UPPER(name), a IS NULL, CAST(a AS DECIMAL(10, 2)), plus(a, b, 1)
            a === b && c !== d || e == 1
              a = b AND c <> d OR e = 1
            rowtime - 5.minutes
              rowtime - INTERVAL '5' MINUTE
            *
              *
            `a.count`, t.a, a.`count`
              `a.count`, t.a, a.`count`
            a.b.count
              COUNT(a.b)
            x.distinct
              error: 'distinct' follows an aggregate, as in x.count.distinct in the expression 'x.distinct'
            w.middle
              error: a window has start, end, rowtime and proctime, not 'middle' in the expression 'w.middle'
            a as
              error: expected an identifier after AS, found the end in the expression 'a as'
            a b c
              error: expected the end, found c in the expression 'a b c'
            a,,b
              error: expected an expression, found , in the expression 'a,,b'
            a.cast(STRNG)
              error: the type STRNG is not known; did you mean `STRING`? in the expression 'a.cast(STRNG)'"#]].assert_eq(&all.join("\n"));
    }

    #[test]
    fn table_calls() {
        let shown = |text| match table_call(text) {
            Ok((expr, names)) => {
                format!("{expr} {names:?}", names = names.iter().map(|name| &name.value).collect::<Vec<_>>())
            }
            Err(error) => format!("error: {error}"),
        };
        let all: Vec<_> =
            ["split(line) as (word, length)", "split(line) as word", "split(line)", "line.split", "line + 1"]
                .map(shown)
                .to_vec();
        expect![[r#"
            split(line) ["word", "length"]
            split(line) ["word"]
            split(line) []
            error: expected a call of a table function in 'line.split'
            error: expected a call of a table function in 'line + 1'"#]]
        .assert_eq(&all.join("\n"));
    }
}

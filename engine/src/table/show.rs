//! SHOW and DESCRIBE: the session as rows, in Flink's columns.

use std::fmt::Write;
use std::sync::LazyLock;

use datafusion::sql::sqlparser::ast;
use regex::Regex;

use super::columns;
use super::result::TableResult;
use super::session::Session;
use super::stack::with_deep_stack;
use crate::error::{Error, Result};
use crate::functions::catalog::Entry;
use crate::functions::component::FunctionCode;
use crate::plan::catalog::{
    CATALOG, CatalogTable, ColumnKind, Connection, DATABASE, Relation, View, at, simple_name, span_of,
};
use crate::sql::statement::{Like, Show};
use crate::suggest::list;
use crate::types::{quote_identifier, sql_type};

pub(super) fn show(session: &Session, show: &Show) -> Result<TableResult> {
    match show {
        Show::Tables(like) => names("table name", session.catalog.names(), like.as_ref()),
        Show::Views(like) => names("view name", session.catalog.views().map(|view| view.name.as_str()), like.as_ref()),
        Show::Functions { user, like } => {
            let entries = session.functions.entries().filter(|entry| !user || !entry.built_in);
            // In lower case, as Flink has them: names of functions are not case-sensitive. The second column is ours.
            let rows = entries
                .map(|entry| (entry.name.to_lowercase(), &entry.component))
                .filter(|(name, _)| like.as_ref().is_none_or(|like| matches(like, name)))
                .map(|(name, component)| {
                    let granted = component.as_ref().map(|component| component.granted());
                    [Some(name), granted.filter(|granted| !granted.is_empty())]
                });
            TableResult::texts(["function name", "granted"], rows.collect())
        }
        Show::CreateTable(name) => match session.catalog.resolve(name)? {
            Relation::Table(table) => TableResult::text("result", create_table(table)),
            Relation::View(view) => {
                let error = Error::user(format!("'{}' is a view", view.name)).hint("write SHOW CREATE VIEW");
                Err(at(error, span_of(name)))
            }
        },
        Show::CreateView(name) => match session.catalog.resolve(name)? {
            Relation::View(view) => TableResult::text("result", create_view(view)),
            Relation::Table(table) => {
                let error = Error::user(format!("'{}' is a table", table.name)).hint("write SHOW CREATE TABLE");
                Err(at(error, span_of(name)))
            }
        },
        Show::CreateFunction(name) => match function(session, name)?.component.as_ref() {
            Some(component) => TableResult::text("result", component.declaration().to_string()),
            None => Err(at(Error::user(format!("function '{name}' comes with the engine")), span_of(name))),
        },
        Show::Columns { of, like } => describe(session, of, like.as_ref()),
        Show::CurrentCatalog => names("current catalog name", [CATALOG].into_iter(), None),
        Show::CurrentDatabase => names("current database name", [DATABASE].into_iter(), None),
        Show::Catalogs => names("catalog name", [CATALOG].into_iter(), None),
        Show::Databases => names("database name", [DATABASE].into_iter(), None),
    }
}

/// What SET shows.
pub(super) fn settings(session: &Session) -> Result<TableResult> {
    let rows = session.config.values().map(|(name, value)| [Some(name.to_owned()), Some(value.to_owned())]);
    TableResult::texts(["key", "value"], rows.collect())
}

fn names<'a>(column: &str, names: impl Iterator<Item = &'a str>, like: Option<&Like>) -> Result<TableResult> {
    let rows = names.filter(|name| like.is_none_or(|like| matches(like, name)));
    TableResult::texts([column], rows.map(|name| [Some(name.to_owned())]).collect())
}

/// SQL's LIKE, for names: `%` any text, `_` any character.
fn matches(like: &Like, name: &str) -> bool {
    let name: Vec<char> = name.chars().collect();
    // For each prefix of the name, whether the pattern so far matches it.
    let mut reached = vec![false; name.len() + 1];
    reached[0] = true;
    for sign in like.pattern.chars() {
        let mut next = vec![false; name.len() + 1];
        for at in 0..=name.len() {
            next[at] = match sign {
                '%' => reached[at] || (at > 0 && next[at - 1]),
                _ => at > 0 && reached[at - 1] && (sign == '_' || sign == name[at - 1]),
            };
        }
        reached = next;
    }
    reached[name.len()] != like.negated
}

/// Columns of a table or view, those whose names are `like` a pattern, as Flink's DESCRIBE has them.
pub(super) fn describe(session: &Session, name: &ast::ObjectName, like: Option<&Like>) -> Result<TableResult> {
    let relation = session.catalog.resolve(name)?;
    let (schema, table) = match relation {
        Relation::Table(table) => (columns::columns(session, table)?, Some(table)),
        Relation::View(view) => {
            let everything = crate::sql::parse_query(&format!("SELECT * FROM {}", quote_identifier(&view.name)))?;
            (with_deep_stack(|| Ok(session.planner().query(&everything)?.schema))?, None)
        }
    };
    let fields = schema.fields().iter().enumerate().filter(|(_, it)| like.is_none_or(|like| matches(like, it.name())));
    let rows = fields.map(|(index, field)| {
        let column = table.and_then(|table| table.columns.get(index));
        let expression = match column.map(|column| &column.kind) {
            Some(ColumnKind::Computed(expression)) => Some(expression.to_string()),
            _ => None,
        };
        let watermark = table.and_then(|table| table.watermark.as_ref()).filter(|it| it.column == *field.name());
        let processing = expression.as_deref().is_some_and(|text| text.eq_ignore_ascii_case("PROCTIME()"));
        let attribute = match (&watermark, processing) {
            (Some(_), _) => " *ROWTIME*",
            (None, true) => " *PROCTIME*",
            _ => "",
        };
        let key = table
            .filter(|table| table.primary_key.contains(field.name()))
            .map(|table| format!("PRI({})", table.primary_key.join(", ")));
        // The declared type where there is one: it says more than the Arrow type.
        let text = match column.map(|column| &column.kind) {
            Some(ColumnKind::Physical(declared)) => declared.text.clone(),
            _ => sql_type(field.data_type()),
        };
        [
            Some(field.name().clone()),
            Some(format!("{text}{attribute}")),
            Some(if field.is_nullable() { "TRUE" } else { "FALSE" }.to_owned()),
            key,
            expression.map(|text| format!("AS {text}")),
            watermark.map(|watermark| watermark.expression.to_string()),
        ]
    });
    TableResult::texts(["name", "type", "null", "key", "extras", "watermark"], rows.collect())
}

/// What is known of a function, in the manner of Flink's DESCRIBE FUNCTION EXTENDED.
pub(super) fn describe_function(session: &Session, name: &ast::ObjectName) -> Result<TableResult> {
    let entry = function(session, name)?;
    let mut rows = vec![("name", entry.name.clone()), ("kind", entry.function.kind().to_owned())];
    rows.push(("is system function", entry.built_in.to_string()));
    if let Some(component) = &entry.component {
        rows.push(("signature", component.signatures().join("\n")));
        rows.push(("is deterministic", component.is_deterministic().to_string()));
        match &component.declaration().code {
            FunctionCode::Component { path, .. } => {
                rows.push(("language", "WASM".to_owned()));
                rows.push(("component", path.clone()));
            }
            FunctionCode::Inline(inline) => {
                rows.push(("language", inline.language.name().to_uppercase()));
                rows.push(("source", inline.source.clone()));
            }
        }
        let options = component.declaration().options.iter();
        rows.extend(options.map(|(name, value)| ("option", format!("'{name}' = '{value}'"))));
        rows.push(("doc", component.doc().to_owned()));
    } else {
        rows.push(("doc", entry.doc.clone()));
    }
    rows.retain(|(_, value)| !value.is_empty());
    TableResult::texts(
        ["info name", "info value"],
        rows.into_iter().map(|(name, value)| [Some(name.to_owned()), Some(value)]).collect(),
    )
}

/// The function of a name.
fn function<'a>(session: &'a Session, name: &ast::ObjectName) -> Result<&'a Entry> {
    let simple = simple_name(name)?;
    session.functions.get(&simple).ok_or_else(|| {
        let error = Error::user(format!("function '{simple}' is not known"));
        let near = session.functions.nearest(&simple);
        at(if near.is_empty() { error } else { error.hint(format!("near are {}", list(&near))) }, span_of(name))
    })
}

fn string(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// DDL that declares the table again.
fn create_table(table: &CatalogTable) -> String {
    let mut lines: Vec<String> = table
        .columns
        .iter()
        .map(|column| {
            let kind = match &column.kind {
                ColumnKind::Physical(sql_type) => sql_type.to_string(),
                ColumnKind::Computed(expression) => format!("AS {expression}"),
            };
            let comment =
                column.comment.as_ref().map_or(String::new(), |comment| format!(" COMMENT {}", string(comment)));
            format!("{} {kind}{comment}", quote_identifier(&column.name))
        })
        .collect();
    if let Some(watermark) = &table.watermark {
        lines.push(format!("WATERMARK FOR {} AS {}", quote_identifier(&watermark.column), watermark.expression));
    }
    let list = |names: &[String]| names.iter().map(|name| quote_identifier(name)).collect::<Vec<_>>().join(", ");
    if !table.primary_key.is_empty() {
        lines.push(format!("PRIMARY KEY ({}) NOT ENFORCED", list(&table.primary_key)));
    }
    let mut text = format!("CREATE TABLE {} (\n  {}\n)", quote_identifier(&table.name), lines.join(",\n  "));
    if let Some(comment) = &table.comment {
        let _ = write!(text, " COMMENT {}", string(comment));
    }
    if !table.partition_keys.is_empty() {
        let _ = write!(text, "\nPARTITIONED BY ({})", list(&table.partition_keys));
    }
    if let Connection::Options(options) = &table.connection {
        let options = options.iter().map(|(name, option)| {
            let secret = ["password", "secret", "token"].iter().any(|word| name.to_lowercase().contains(word));
            let value = if secret { MASK.to_owned() } else { without_passwords(&option.value) };
            format!("{} = {}", string(name), string(&value))
        });
        let _ = write!(text, " WITH (\n  {}\n)", options.collect::<Vec<_>>().join(",\n  "));
    }
    text
}

const MASK: &str = "******";

/// A text whose URLs have no passwords: neither before the host nor among the parameters.
fn without_passwords(text: &str) -> String {
    static PLACES: LazyLock<Vec<Regex>> = LazyLock::new(|| {
        let before_host = r"(?<kept>//[^/@:?#\s]*:)[^/\s]*(?<rest>@)";
        let parameter = r"(?i)(?<kept>[?&;][^=&;]*(?:password|secret|token)[^=&;]*=)[^&;#\s]*(?<rest>)";
        [before_host, parameter].iter().filter_map(|pattern| Regex::new(pattern).ok()).collect()
    });
    let hide = |text: String, place: &Regex| place.replace_all(&text, format!("${{kept}}{MASK}${{rest}}")).into_owned();
    PLACES.iter().fold(text.to_owned(), hide)
}

fn create_view(view: &View) -> String {
    let columns = match view.columns.is_empty() {
        true => String::new(),
        false => {
            let names: Vec<_> = view.columns.iter().map(|name| quote_identifier(name)).collect();
            format!(" ({})", names.join(", "))
        }
    };
    let comment = view.comment.as_ref().map_or(String::new(), |comment| format!(" COMMENT {}", string(comment)));
    format!("CREATE VIEW {}{columns}{comment} AS {}", quote_identifier(&view.name), view.query)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn like() {
        let matches = |pattern: &str, name| matches(&Like { negated: false, pattern: pattern.into() }, name);
        assert!(matches("%", "") && matches("a%", "abc") && matches("%c", "abc") && matches("a_c", "abc"));
        assert!(!matches("a", "abc") && !matches("_", "") && !matches("A%", "abc") && !matches("a%d", "abc"));
    }
}

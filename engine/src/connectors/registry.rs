//! The registry of connectors: finds the connector of a table, checks its options, and writes the reference.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use super::{Connector, ConnectorOption, Sink, Source, TableDescription, formats};
use crate::error::{Error, Result};
use crate::suggest;

/// The connectors of a session, by name.
#[derive(Debug, Clone)]
pub struct ConnectorRegistry {
    connectors: BTreeMap<&'static str, Arc<dyn Connector>>,
}

impl Default for ConnectorRegistry {
    /// The built-in connectors.
    fn default() -> Self {
        let mut registry = ConnectorRegistry::empty();
        for connector in super::built_in() {
            registry.register(connector);
        }
        registry
    }
}

impl ConnectorRegistry {
    pub fn empty() -> Self {
        ConnectorRegistry { connectors: BTreeMap::new() }
    }

    /// Adds a connector, in the place of one of the same name.
    pub fn register(&mut self, connector: Arc<dyn Connector>) {
        self.connectors.insert(connector.name(), connector);
    }

    /// In the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn Connector>> {
        self.connectors.values()
    }

    /// # Errors
    /// A user error that lists the known connectors.
    pub fn get(&self, name: &str) -> Result<&Arc<dyn Connector>> {
        self.connectors.get(name).ok_or_else(|| {
            let known: Vec<&str> = self.connectors.keys().copied().collect();
            Error::user(format!("there is no connector '{name}'")).hint(format!("known are {}", suggest::list(&known)))
        })
    }

    /// The table's source.
    ///
    /// # Errors
    /// User errors for the connector's name and options, and what [`Connector::source`] finds.
    pub fn source(&self, table: &TableDescription) -> Result<Arc<dyn Source>> {
        self.check(table)?.source(table).map_err(|error| in_table(error, table))
    }

    /// The table's sink.
    ///
    /// # Errors
    /// User errors for the connector's name and options, and what [`Connector::sink`] finds.
    pub fn sink(&self, table: &TableDescription) -> Result<Arc<dyn Sink>> {
        self.check(table)?.sink(table).map_err(|error| in_table(error, table))
    }

    /// Finds the table's connector and checks that every option is known and every required one is there. Most values
    /// are read when the source or sink is made.
    ///
    /// # Errors
    /// User errors: no `connector`, an unknown one, an unknown option (with the nearest known ones), missing ones, and what [`Connector::check`] finds.
    pub fn check(&self, table: &TableDescription) -> Result<&Arc<dyn Connector>> {
        let Some(name) = table.options.get("connector") else {
            let known: Vec<&str> = self.connectors.keys().copied().collect();
            return Err(Error::user(format!("table `{}` has no option 'connector'", table.name))
                .hint(format!("add 'connector' = '…' to WITH; known are {}", suggest::list(&known))));
        };
        let connector = self.get(name).map_err(|error| in_table(error, table))?;
        let known = connector.options();
        // Options of the formats that the table is not in are known, and would do nothing.
        let format = table.options.get("format").filter(|_| known.iter().any(|known| known.name == "format"));
        let other_format =
            |option: &str| format.and_then(|chosen| Some((chosen, formats::other_format(option, chosen)?)));
        for option in table.options.keys().filter(|option| *option != "connector") {
            if let Some((chosen, other)) = other_format(option) {
                let message = format!("connector '{name}' has no option '{option}' for the format `{chosen}`");
                return Err(in_table(Error::user(message).hint(format!("it is one of the format `{other}`")), table));
            }
            if !known.iter().any(|known| matches(known.name, option)) {
                let names = known.iter().map(|known| known.name).filter(|name| other_format(name).is_none());
                return Err(in_table(
                    Error::user(format!("connector '{name}' has no option '{option}'"))
                        .hint(suggest::did_you_mean(option, names)),
                    table,
                ));
            }
        }
        let missing: Vec<&str> = known
            .iter()
            .filter(|known| known.required && !table.options.contains_key(known.name))
            .map(|known| known.name)
            .collect();
        if !missing.is_empty() {
            return Err(in_table(
                Error::user(format!(
                    "connector '{name}' needs the option{} {}",
                    if missing.len() > 1 { "s" } else { "" },
                    suggest::list(&missing)
                )),
                table,
            ));
        }
        connector.check(table).map_err(|error| in_table(error, table))?;
        Ok(connector)
    }

    /// The reference page's section, in Markdown: each connector with its options.
    pub fn reference(&self) -> String {
        let mut page = String::new();
        for connector in self.iter() {
            let _ = write!(page, "### `{}`\n\n{}\n\n", connector.name(), connector.doc());
            write_options(&mut page, &connector.options());
        }
        page
    }
}

/// A table of options, in Markdown.
fn write_options(page: &mut String, options: &[ConnectorOption]) {
    if options.is_empty() {
        return;
    }
    page.push_str("| option | default | meaning |\n|---|---|---|\n");
    for option in options {
        let default = match (option.required, option.default) {
            (true, _) => "(required)".to_owned(),
            (false, Some(default)) => format!("`{default}`"),
            (false, None) => String::new(),
        };
        let _ = writeln!(page, "| `{}` | {default} | {} |", option.name, option.doc.replace('|', "\\|"));
    }
    page.push('\n');
}

fn matches(known: &str, option: &str) -> bool {
    match known.strip_suffix('*') {
        Some(prefix) => option.starts_with(prefix) && option.len() > prefix.len(),
        None => known == option,
    }
}

fn in_table(error: Error, table: &TableDescription) -> Error {
    error.context(format!("in table `{}`", table.name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connectors::testing::table;
    use expect_test::{Expect, expect};

    fn check(options: &[(&str, &str)], expected: Expect) {
        let table = table(&[], options);
        let outcome = match ConnectorRegistry::default().check(&table) {
            Ok(connector) => connector.name().to_owned(),
            Err(error) => error.to_string(),
        };
        expected.assert_eq(&outcome);
    }

    #[test]
    fn names_what_is_wrong_with_options() {
        check(&[("connector", "blackhole")], expect!["blackhole"]);
        check(
            &[],
            expect![
                "table `t` has no option 'connector'; add 'connector' = '…' to WITH; known are `blackhole`, `datagen`, `filesystem`, `jdbc`, `print`, `values`"
            ],
        );
        check(
            &[("connector", "blackhole"), ("pth", "x")],
            expect!["connector 'blackhole' has no option 'pth', in table `t`; there are none"],
        );
        let in_json = [("connector", "filesystem"), ("path", "x"), ("format", "json")];
        check(
            &[&in_json[..], &[("csv.field-delimiter", ";")]].concat(),
            expect![
                "connector 'filesystem' has no option 'csv.field-delimiter' for the format `json`, in table `t`; it is one of the format `csv`"
            ],
        );
        check(
            &[("connector", "datagen"), ("rows-per-second", "0")],
            expect!["option 'rows-per-second' = '0' must be a number above 0, in table `t`"],
        );
    }
}

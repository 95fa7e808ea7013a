//! What a package says about itself, checked.

use std::collections::{HashMap, HashSet};
use std::fmt;

use arrow::datatypes::{DataType, Field};

use crate::text;
use crate::wire::description as wire;
use crate::wire::field::{from_nodes, to_nodes};

const MAX_FUNCTIONS: usize = 1024;
const MAX_PARAMETERS: usize = 256;
const MAX_NAME: usize = 256;
const MAX_DOC: usize = 64 << 10;

/// What a function gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FunctionKind {
    /// One value per row.
    Scalar,
    /// Zero or more rows per row.
    Table,
    /// One value per group.
    Aggregate,
}

impl fmt::Display for FunctionKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            FunctionKind::Scalar => "scalar",
            FunctionKind::Table => "table",
            FunctionKind::Aggregate => "aggregate",
        })
    }
}

/// One signature of a package. Several with one name are overloads, all of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    pub name: String,
    pub kind: FunctionKind,
    /// Names and types of the parameters.
    pub parameters: Vec<Field>,
    /// Scalar and aggregate: the type of the value. Table: a struct, whose fields are the columns.
    pub result: Field,
    /// The same arguments always give the same result, says the function.
    pub deterministic: bool,
    /// Aggregate: rows can be taken back.
    pub retracts: bool,
    /// Aggregate: states can be added up.
    pub merges: bool,
    /// One sentence first; Markdown.
    pub doc: String,
}

impl fmt::Display for Signature {
    /// `name(parameter type, …) -> type`, with Arrow's names of types.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}(", self.name)?;
        for (index, parameter) in self.parameters.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(out, "{separator}{} {}", parameter.name(), parameter.data_type())?;
        }
        write!(out, ") -> {}", self.result.data_type())
    }
}

/// What a package holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageMetadata {
    /// Name and version, for people.
    pub name: String,
    pub version: String,
    /// In the package's own order: the index is the function's number.
    pub functions: Vec<Signature>,
}

impl PackageMetadata {
    /// An interpreter has no functions of its own.
    pub(crate) fn from_wire(metadata: wire::Metadata, is_interpreter: bool) -> Result<Self, String> {
        // Names and formats of types stand in reasons.
        Self::checked(metadata, is_interpreter).map_err(text::message)
    }

    fn checked(metadata: wire::Metadata, is_interpreter: bool) -> Result<Self, String> {
        if metadata.functions.is_empty() && !is_interpreter {
            return Err("it has no functions".into());
        }
        if metadata.functions.len() > MAX_FUNCTIONS {
            return Err(format!("it has {} functions, more than {MAX_FUNCTIONS}", metadata.functions.len()));
        }
        if metadata.name.len() > MAX_NAME || metadata.version.len() > MAX_NAME {
            return Err(format!("its name and version may have {MAX_NAME} bytes each"));
        }
        if (metadata.name.chars().chain(metadata.version.chars())).any(char::is_control) {
            return Err("its name or version has control characters".into());
        }
        let functions = metadata.functions.into_iter().map(signature).collect::<Result<Vec<_>, _>>()?;
        check_overloads(&functions)?;
        Ok(PackageMetadata { name: metadata.name, version: metadata.version, functions })
    }
}

/// A signature as an interpreter is given it.
pub(crate) fn to_wire(signature: &Signature) -> Result<wire::Signature, String> {
    let parameter = |field: &Field| {
        let ty = to_nodes(field).map_err(|reason| format!("parameter '{}': {reason}", field.name()))?;
        Ok::<_, String>(wire::Parameter { name: field.name().clone(), ty })
    };
    Ok(wire::Signature {
        name: signature.name.clone(),
        kind: match signature.kind {
            FunctionKind::Scalar => wire::Kind::Scalar,
            FunctionKind::Table => wire::Kind::Table,
            FunctionKind::Aggregate => wire::Kind::Aggregate,
        },
        parameters: signature.parameters.iter().map(parameter).collect::<Result<_, _>>()?,
        result: to_nodes(&signature.result).map_err(|reason| format!("result: {reason}"))?,
        deterministic: signature.deterministic,
        retracts: signature.retracts,
        merges: signature.merges,
        doc: signature.doc.clone(),
    })
}

fn signature(signature: wire::Signature) -> Result<Signature, String> {
    let name = signature.name;
    if name.is_empty() || name.len() > MAX_NAME || name.chars().any(char::is_control) {
        let shown = text::name(&name);
        return Err(format!(
            "a function is named {shown:?}; names have 1 to {MAX_NAME} bytes and no control characters"
        ));
    }
    let of = |what: String| format!("function '{name}': {what}");
    if signature.parameters.len() > MAX_PARAMETERS {
        return Err(of(format!("{} parameters, more than {MAX_PARAMETERS}", signature.parameters.len())));
    }
    if signature.doc.len() > MAX_DOC {
        return Err(of(format!("its doc has more than {MAX_DOC} bytes")));
    }
    if signature.doc.contains(text::is_control) {
        return Err(of("its doc has control characters".into()));
    }
    let mut parameters: Vec<Field> = Vec::with_capacity(signature.parameters.len());
    for parameter in signature.parameters {
        if parameter.name.len() > MAX_NAME {
            return Err(of(format!("the name of a parameter has more than {MAX_NAME} bytes")));
        }
        if parameter.name.chars().any(char::is_control) {
            return Err(of(format!("the name of parameter {:?} has control characters", parameter.name)));
        }
        if parameters.iter().any(|earlier| *earlier.name() == parameter.name) {
            return Err(of(format!("two parameters are named '{}'", parameter.name)));
        }
        let field =
            from_nodes(&parameter.ty).map_err(|reason| of(format!("parameter '{}': {reason}", parameter.name)))?;
        parameters.push(field.with_name(parameter.name));
    }
    let result = from_nodes(&signature.result).map_err(|reason| of(format!("result: {reason}")))?;
    let kind = match signature.kind {
        wire::Kind::Scalar => FunctionKind::Scalar,
        wire::Kind::Table => FunctionKind::Table,
        wire::Kind::Aggregate => FunctionKind::Aggregate,
    };
    if kind == FunctionKind::Table && !matches!(result.data_type(), DataType::Struct(columns) if !columns.is_empty()) {
        return Err(of(format!("a table function's result is a struct of its columns, not {}", result.data_type())));
    }
    if kind != FunctionKind::Aggregate && (signature.retracts || signature.merges) {
        return Err(of(format!("a {kind} function neither retracts nor merges")));
    }
    Ok(Signature {
        name,
        kind,
        parameters,
        result,
        deterministic: signature.deterministic,
        retracts: signature.retracts,
        merges: signature.merges,
        doc: signature.doc,
    })
}

fn check_overloads(functions: &[Signature]) -> Result<(), String> {
    let mut kinds: HashMap<&str, FunctionKind> = HashMap::new();
    let mut overloads: HashSet<(&str, String)> = HashSet::new();
    for function in functions {
        let kind = *kinds.entry(&function.name).or_insert(function.kind);
        if kind != function.kind {
            return Err(format!("function '{}' is both {kind} and {}", function.name, function.kind));
        }
        let mut layouts = String::new();
        for parameter in &function.parameters {
            push_layout(parameter.data_type(), &mut layouts);
            layouts.push(',');
        }
        if !overloads.insert((&function.name, layouts)) {
            return Err(format!("function '{}' has two overloads with the same parameters", function.name));
        }
    }
    Ok(())
}

/// A text that is the same for types of the same layout (see [`crate::wire::field::same_layout`]), so that as many
/// overloads as a package may have are compared in a moment.
fn push_layout(data_type: &DataType, to: &mut String) {
    let mut children = |kind: char, fields: &mut dyn Iterator<Item = &Field>| {
        to.push(kind);
        to.push('(');
        for field in fields {
            push_layout(field.data_type(), to);
            to.push(',');
        }
        to.push(')');
    };
    match data_type {
        DataType::List(item) => children('l', &mut std::iter::once(item.as_ref())),
        DataType::Map(entries, _) => children('m', &mut std::iter::once(entries.as_ref())),
        DataType::Struct(fields) => children('s', &mut fields.iter().map(AsRef::as_ref)),
        DataType::Timestamp(unit, zone) => to.push_str(&format!("{unit:?}{}", zone.is_some())),
        leaf => to.push_str(&leaf.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    fn long() -> Vec<wire::FieldNode> {
        vec![wire::FieldNode { name: String::new(), format: "l".into(), nullable: true, children: 0 }]
    }

    fn scalar(name: &str) -> wire::Signature {
        wire::Signature {
            name: name.into(),
            kind: wire::Kind::Scalar,
            parameters: vec![wire::Parameter { name: "a".into(), ty: long() }],
            result: long(),
            deterministic: true,
            retracts: false,
            merges: false,
            doc: String::new(),
        }
    }

    #[test]
    fn nonsense_is_refused_with_its_reason() {
        let mut said = String::new();
        let mut two = scalar("f");
        two.parameters.push(two.parameters[0].clone());
        let mut table = scalar("f");
        table.kind = wire::Kind::Table;
        let mut merging = scalar("f");
        merging.merges = true;
        let mut aggregate = scalar("f");
        aggregate.kind = wire::Kind::Aggregate;
        let mut bad_type = scalar("f");
        bad_type.parameters[0].ty[0].format = "?".into();
        for functions in [
            vec![],
            vec![scalar("")],
            vec![scalar("f\n")],
            vec![two],
            vec![table],
            vec![merging],
            vec![scalar("f"), aggregate],
            vec![scalar("f"), scalar("f")],
            vec![bad_type],
        ] {
            let metadata = wire::Metadata { name: "p".into(), version: "1".into(), functions };
            said.push_str(&PackageMetadata::from_wire(metadata, false).unwrap_err());
            said.push('\n');
        }
        expect![[r#"
            it has no functions
            a function is named ""; names have 1 to 256 bytes and no control characters
            a function is named "f "; names have 1 to 256 bytes and no control characters
            function 'f': two parameters are named 'a'
            function 'f': a table function's result is a struct of its columns, not Int64
            function 'f': a scalar function neither retracts nor merges
            function 'f' is both scalar and aggregate
            function 'f' has two overloads with the same parameters
            function 'f': parameter 'a': '' has the format '?', which the contract does not have
        "#]]
        .assert_eq(&said);
    }

    #[test]
    fn a_signature_reads_like_one() {
        let metadata = wire::Metadata { name: "p".into(), version: "1".into(), functions: vec![scalar("f")] };
        let metadata = PackageMetadata::from_wire(metadata, false).unwrap();
        assert_eq!(metadata.functions[0].to_string(), "f(a Int64) -> Int64");
    }
}

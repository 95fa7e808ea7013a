//! Packages written by hand: core modules in WAT with all exports of the contract, so that a test says exactly what a
//! hostile one does. What is not said is well-behaved, for calls of one row.

#![allow(dead_code, reason = "who includes it uses some of it")]

use std::collections::HashMap;
use std::fmt::Write;
use std::path::Path;
use std::sync::OnceLock;

use wit_component::StringEncoding;
use wit_parser::abi::{AbiVariant, WasmType};
use wit_parser::{Function, Resolve, WorldId, WorldItem};

/// A value as the canonical ABI lays it out in memory.
#[derive(Debug, Clone)]
pub enum Value {
    Byte(u8),
    Word(u32),
    Text(String),
    Bytes(Vec<u8>),
    List(Vec<Value>),
    /// A record, a tuple, or a variant with its discriminant in front.
    Record(Vec<Value>),
    /// A list that lies where the guest says.
    At(u32, u32),
}

pub fn text(text: &str) -> Value {
    Value::Text(text.into())
}

pub fn list(values: impl IntoIterator<Item = Value>) -> Value {
    Value::List(values.into_iter().collect())
}

pub fn record(values: impl IntoIterator<Item = Value>) -> Value {
    Value::Record(values.into_iter().collect())
}

/// `ok` of a result whose values are aligned to words.
pub fn ok(value: Value) -> Value {
    record([Value::Byte(0), value])
}

pub fn err(message: &str) -> Value {
    record([Value::Byte(1), text(message)])
}

/// `ok` of a result without a value, which has room for its error.
pub fn done() -> Value {
    ok(record([Value::Word(0), Value::Word(0)]))
}

/// A node of a type.
pub fn node(name: &str, format: &str, children: u32) -> Value {
    record([text(name), text(format), Value::Byte(1), Value::Word(children)])
}

pub fn leaf(format: &str) -> Value {
    list([node("", format, 0)])
}

/// Columns as a function returns them: rows and nulls of each node, and all buffers.
pub fn columns(nodes: &[(u32, u32)], buffers: Vec<Value>) -> Value {
    let nodes = nodes.iter().map(|(rows, nulls)| record([Value::Word(*rows), Value::Word(*nulls)]));
    record([list(nodes), Value::List(buffers)])
}

/// One column of 64-bit integers without NULL.
pub fn longs(values: &[i64]) -> Value {
    let data = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    columns(&[(values.len() as u32, 0)], vec![Value::Bytes(vec![]), Value::Bytes(data)])
}

pub fn row_error(row: u32, message: &str) -> Value {
    record([Value::Word(row), text(message)])
}

/// What `describe` says of a function.
#[derive(Debug, Clone)]
pub struct Described {
    pub name: String,
    /// 0 scalar, 1 table, 2 aggregate.
    pub kind: u8,
    pub parameters: Vec<(String, Value)>,
    pub result: Value,
    /// Of an aggregate: the type of its state's only column.
    pub state: Value,
    pub doc: String,
}

impl Described {
    /// A function of one BIGINT that gives one.
    pub fn new(name: &str, kind: u8) -> Self {
        let result = match kind {
            1 => list([node("", "+s", 1), node("y", "l", 0)]),
            _ => leaf("l"),
        };
        let parameters = vec![("x".into(), leaf("l"))];
        Described { name: name.into(), kind, parameters, result, state: leaf("l"), doc: String::new() }
    }

    fn value(&self) -> Value {
        let parameters = self.parameters.iter().map(|(name, ty)| record([text(name), ty.clone()]));
        let changes = Value::Byte(u8::from(self.kind == 2));
        record([
            text(&self.name),
            Value::Byte(self.kind),
            list(parameters),
            self.result.clone(),
            Value::Byte(1),
            changes.clone(),
            changes,
            text(&self.doc),
        ])
    }
}

/// A package in the making.
#[derive(Debug, Clone)]
pub struct Guest {
    name: String,
    functions: Vec<Described>,
    returns: HashMap<String, Value>,
    bodies: HashMap<String, String>,
    items: String,
    pages: u32,
}

/// Where values begin: below is room for what code writes.
const BASE: u32 = 1024;

impl Guest {
    pub fn new() -> Self {
        let functions = vec![Described::new("scalar", 0), Described::new("table", 1), Described::new("total", 2)];
        let returns = [
            ("call", ok(record([longs(&[0]), list([])]))),
            ("begin", done()),
            ("next", ok(record([list([Value::Word(0)]), longs(&[0]), list([]), Value::Byte(1)]))),
            ("accumulate", ok(list([]))),
            ("retract", ok(list([]))),
            ("merge", ok(list([]))),
            ("evaluate", ok(record([longs(&[0]), list([])]))),
            ("state", ok(longs(&[0]))),
            ("restore", done()),
        ];
        Guest {
            name: "guest".into(),
            functions,
            returns: returns.into_iter().map(|(export, value)| (export.to_string(), value)).collect(),
            bodies: HashMap::new(),
            items: String::new(),
            pages: 0,
        }
    }

    pub fn named(mut self, name: &str) -> Self {
        self.name = name.into();
        self
    }

    /// A guest of these functions.
    pub fn of(functions: impl IntoIterator<Item = Described>) -> Self {
        let functions = functions.into_iter().collect();
        Guest { functions, ..Guest::new() }
    }

    /// What an export returns, or does: `call`, `accumulate`, …, `cabi_realloc`, and `post-call`, … for what is called
    /// after it.
    pub fn returns(mut self, export: &str, value: Value) -> Self {
        self.returns.insert(export.into(), value);
        self
    }

    /// The code of an export, in WAT. `{value}` stands for the address of what it returns otherwise.
    pub fn body(mut self, export: &str, code: &str) -> Self {
        self.bodies.insert(export.into(), code.into());
        self
    }

    /// More items of the module, in WAT.
    pub fn item(mut self, item: &str) -> Self {
        self.items.push_str(item);
        self
    }

    /// Pages of memory beyond those that the values take.
    pub fn pages(mut self, pages: u32) -> Self {
        self.pages = pages;
        self
    }

    /// The names that [`Guest::body`] takes.
    pub fn exports() -> Vec<String> {
        let (resolve, world) = contract();
        let mut names = vec!["cabi_realloc".to_string()];
        for (_, name, function) in functions(resolve, *world) {
            if !resolve.wasm_signature(AbiVariant::GuestExport, function).results.is_empty() {
                names.push(format!("post-{name}"));
            }
            names.push(name);
        }
        names
    }

    /// The core module, as the host takes it.
    pub fn module(&self) -> Vec<u8> {
        let (resolve, world) = contract();
        let mut memory = Memory { bytes: vec![0; 64] };
        let functions_value = list(self.functions.iter().map(Described::value));
        let metadata = memory.store(&record([text(&self.name), text("0"), functions_value]));
        let mut bound = String::new();
        for (index, function) in self.functions.iter().enumerate() {
            let state = list((function.kind == 2).then(|| function.state.clone()));
            let value = ok(record([Value::Word(index as u32), function.result.clone(), state]));
            let address = memory.store(&value);
            // The first parameter is the function's number.
            write!(bound, "(if (i32.eq (local.get 0) (i32.const {index})) (then (return (i32.const {address}))))")
                .unwrap();
        }
        bound.push_str("unreachable");
        let opened = memory.store(&ok(Value::Word(0)));
        let opened = format!("(i32.store (i32.const {}) (call $new (i32.const 1))) (i32.const {opened})", opened + 4);

        let (mut interface, mut code) = (String::new(), String::new());
        for (of, name, function) in functions(resolve, *world) {
            let signature = resolve.wasm_signature(AbiVariant::GuestExport, function);
            let value = self.returns.get(&name).map(|value| format!("(i32.const {})", memory.store(value)));
            let body = match (self.bodies.get(&name), value) {
                (Some(body), value) => body.replace("{value}", &value.unwrap_or_default()),
                (None, Some(value)) => value,
                (None, None) => match name.as_str() {
                    "describe" => format!("(i32.const {metadata})"),
                    "bind" => bound.clone(),
                    "open" => opened.clone(),
                    _ => String::new(),
                },
            };
            let (parameters, results) = (types(&signature.params), types(&signature.results));
            let export = format!("{of}#{}", function.name);
            let shape = format!("(param {parameters}) (result {results})").replace(" (result )", "");
            writeln!(code, "(func (export \"{export}\") {shape} {body})").unwrap();
            if !results.is_empty() {
                let post = self.bodies.get(&format!("post-{name}")).map_or("", String::as_str);
                writeln!(code, "(func (export \"cabi_post_{export}\") (param {results}) {post})").unwrap();
            }
            interface = of;
        }
        let realloc = self.bodies.get("cabi_realloc").map_or(REALLOC, String::as_str);
        let log = interface.replace("/functions@", "/log@");
        let end = BASE as usize + memory.bytes.len();
        let pages = end.div_ceil(65536) as u32 + 1 + self.pages;
        let data: String = memory.bytes.iter().map(|byte| format!("\\{byte:02x}")).collect();
        let module = format!(
            r#"(module
                (import "[export]{interface}" "[resource-new]accumulators" (func $new (param i32) (result i32)))
                (import "{log}" "log" (func $log (param i32 i32 i32)))
                (memory (export "memory") {pages})
                (global $heap (mut i32) (i32.const {end}))
                (func $realloc (export "cabi_realloc") (param $old i32) (param $used i32) (param $align i32)
                    (param $size i32) (result i32) (local $at i32) {realloc})
                {items}
                {code}
                (data (i32.const {BASE}) "{data}"))"#,
            items = self.items,
        );
        let mut bytes = wat::parse_str(&module).unwrap_or_else(|error| panic!("{error}\n{:.2000}", module));
        wit_component::embed_component_metadata(&mut bytes, resolve, *world, StringEncoding::UTF8).unwrap();
        bytes
    }
}

/// Takes memory from the end, and more of it where that is used up.
const REALLOC: &str = r"
    (local.set $at (i32.and (i32.add (global.get $heap) (i32.const 15)) (i32.const -16)))
    (global.set $heap (i32.add (local.get $at) (local.get $size)))
    (block $fits (loop $more
        (br_if $fits (i32.le_u (global.get $heap) (i32.shl (memory.size) (i32.const 16))))
        (if (i32.eq (memory.grow (i32.const 16)) (i32.const -1)) (then unreachable))
        (br $more)))
    (local.get $at)";

fn contract() -> &'static (Resolve, WorldId) {
    static CONTRACT: OnceLock<(Resolve, WorldId)> = OnceLock::new();
    CONTRACT.get_or_init(|| {
        let mut resolve = Resolve::default();
        // From wherever this file is a module of.
        let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|folder| folder.join("wit"));
        let folder = above.into_iter().find(|folder| folder.join("functions.wit").exists()).unwrap();
        let (package, _) = resolve.push_path(folder).unwrap();
        let world = resolve.select_world(&[package], Some("function-package")).unwrap();
        (resolve, world)
    })
}

/// Interface, short name and type of all that a package exports.
fn functions(resolve: &Resolve, world: WorldId) -> Vec<(String, String, &Function)> {
    let mut found = Vec::new();
    for (key, item) in &resolve.worlds[world].exports {
        let WorldItem::Interface { id, .. } = item else { continue };
        for (name, function) in &resolve.interfaces[*id].functions {
            let short = name.rsplit('.').next().unwrap_or(name).to_string();
            found.push((resolve.name_world_key(key), short, function));
        }
    }
    found
}

fn types(types: &[WasmType]) -> String {
    let name = |ty: &WasmType| match ty {
        WasmType::I64 | WasmType::PointerOrI64 => "i64",
        WasmType::F32 => "f32",
        WasmType::F64 => "f64",
        WasmType::I32 | WasmType::Pointer | WasmType::Length => "i32",
    };
    types.iter().map(name).collect::<Vec<_>>().join(" ")
}

/// Values by address, from [`BASE`] on.
struct Memory {
    bytes: Vec<u8>,
}

impl Memory {
    fn store(&mut self, value: &Value) -> u32 {
        let address = self.allocate(layout(value).0);
        self.place(address, value);
        address
    }

    fn allocate(&mut self, size: usize) -> u32 {
        let at = self.bytes.len().next_multiple_of(16);
        self.bytes.resize(at + size, 0);
        BASE + at as u32
    }

    fn place(&mut self, address: u32, value: &Value) {
        match value {
            Value::Byte(byte) => self.write(address, &[*byte]),
            Value::Word(word) => self.write(address, &word.to_le_bytes()),
            Value::Text(text) => self.place_bytes(address, text.as_bytes()),
            Value::Bytes(bytes) => self.place_bytes(address, bytes),
            Value::List(values) => {
                let size = values.iter().map(|value| layout(value).0).max().unwrap_or(0);
                let first = self.allocate(size * values.len());
                for (index, value) in values.iter().enumerate() {
                    self.place(first + (index * size) as u32, value);
                }
                self.place(address, &Value::At(first, values.len() as u32));
            }
            Value::Record(fields) => {
                let mut at = 0;
                for field in fields {
                    let (size, alignment) = layout(field);
                    at = usize::next_multiple_of(at, alignment);
                    self.place(address + at as u32, field);
                    at += size;
                }
            }
            Value::At(pointer, length) => {
                self.write(address, &pointer.to_le_bytes());
                self.write(address + 4, &length.to_le_bytes());
            }
        }
    }

    fn place_bytes(&mut self, address: u32, bytes: &[u8]) {
        let at = self.allocate(bytes.len());
        self.write(at, bytes);
        self.place(address, &Value::At(at, bytes.len() as u32));
    }

    fn write(&mut self, address: u32, bytes: &[u8]) {
        let at = (address - BASE) as usize;
        self.bytes[at..at + bytes.len()].copy_from_slice(bytes);
    }
}

/// Size and alignment.
fn layout(value: &Value) -> (usize, usize) {
    match value {
        Value::Byte(_) => (1, 1),
        Value::Word(_) => (4, 4),
        Value::Text(_) | Value::Bytes(_) | Value::List(_) | Value::At(..) => (8, 4),
        Value::Record(fields) => {
            let (mut size, mut alignment) = (0, 1);
            for field in fields {
                let (field_size, field_alignment) = layout(field);
                size = usize::next_multiple_of(size, field_alignment) + field_size;
                alignment = alignment.max(field_alignment);
            }
            (size.next_multiple_of(alignment), alignment)
        }
    }
}

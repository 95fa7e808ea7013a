//! What the fuzzers of `fuzz/` call: inputs made of bytes, and the properties that hold for all of them.

use crate::cache;
use crate::metadata::PackageMetadata;
use crate::wire::description::{FieldNode, Kind, Metadata, Parameter, Signature};
use crate::wire::field::{from_nodes, to_nodes};

/// Takes an input apart. Where it has ended, all is 0.
struct Input<'a>(&'a [u8]);

impl Input<'_> {
    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Mostly small, sometimes any.
    fn count(&mut self) -> u32 {
        match self.byte() {
            255 => u32::from_le_bytes([self.byte(), self.byte(), self.byte(), self.byte()]),
            small => u32::from(small % 16),
        }
    }

    fn bytes(&mut self) -> Vec<u8> {
        let length = (self.byte() as usize).min(self.0.len());
        let (bytes, rest) = self.0.split_at(length);
        self.0 = rest;
        bytes.to_vec()
    }

    fn text(&mut self) -> String {
        String::from_utf8_lossy(&self.bytes()).into_owned()
    }
}

const FORMATS: &[&str] = &[
    "b", "c", "s", "i", "l", "f", "g", "u", "z", "tdD", "ttm", "tiM", "tDm", "tss:", "tsm:UTC", "tsu:", "tsn:UTC",
    "d:5,2", "d:38,0", "+l", "+s", "+m", "+l", "+s",
];

fn node(input: &mut Input<'_>) -> FieldNode {
    let kind = input.byte();
    let (format, children) = match FORMATS.get(kind as usize % 32).copied() {
        Some(format @ ("+l" | "+m")) => (format.to_string(), 1),
        Some(format @ "+s") => (format.to_string(), input.count()),
        Some(format) => (format.to_string(), 0),
        None => (input.text(), input.count()),
    };
    let name = if kind & 64 == 0 { String::new() } else { input.text() };
    FieldNode { name, format, nullable: kind & 128 == 0, children }
}

/// Some nodes, of which as many follow each other as they have children, as a rule.
fn field(input: &mut Input<'_>) -> Vec<FieldNode> {
    let mut nodes = Vec::new();
    let mut open = 1u32;
    while open > 0 && nodes.len() < 64 && !(input.is_empty() && nodes.len() > 8) {
        let node = node(input);
        open = open.saturating_sub(1).saturating_add(node.children);
        nodes.push(node);
    }
    nodes
}

/// Columns of a guest. (Until the contract's new form is in.)
pub fn arrow(_: &[u8]) {}

/// A package's description: where it is taken, its types go round unchanged, and it can be shown.
pub fn metadata(data: &[u8]) {
    let mut input = Input(data);
    let name = input.text();
    let version = input.text();
    let mut functions = Vec::new();
    while !input.is_empty() {
        let kind = [Kind::Scalar, Kind::Table, Kind::Aggregate][input.byte() as usize % 3];
        let parameters =
            (0..input.byte() % 8).map(|_| Parameter { name: input.text(), ty: field(&mut input) }).collect();
        let flags = input.byte();
        functions.push(Signature {
            name: input.text(),
            kind,
            parameters,
            result: field(&mut input),
            deterministic: flags & 1 == 0,
            retracts: flags & 2 == 0,
            merges: flags & 4 == 0,
            doc: input.text(),
        });
    }
    let Ok(checked) = PackageMetadata::from_wire(Metadata { name, version, functions }, false) else { return };
    for signature in &checked.functions {
        assert!(!signature.to_string().chars().any(|c| c.is_control() && c != '\n'), "{signature}");
        for field in signature.parameters.iter().chain([&signature.result]) {
            let nodes = to_nodes(field).expect("what came in goes out");
            assert_eq!(&from_nodes(&nodes).expect("what went out comes in"), field);
        }
    }
}

/// A file of the cache: taken where it was written under its name, and not after any change.
pub fn cache(data: &[u8]) {
    let mut input = Input(data);
    let mut key = [0; 32];
    key.iter_mut().for_each(|byte| *byte = input.byte());
    // Nobody finds a digest by chance.
    assert!(cache::unseal(&key, input.0).is_none());
    let (place, bit) = (input.count() as usize, input.byte() % 8);
    let code = input.0;
    let mut sealed = cache::sealed(&key, code);
    assert_eq!(cache::unseal(&key, &sealed), Some(code));
    let place = place % sealed.len();
    sealed[place] ^= 1 << bit;
    assert!(cache::unseal(&key, &sealed).is_none());
    sealed[place] ^= 1 << bit;
    let mut other = key;
    other[place % 32] ^= 1 << bit;
    assert!(cache::unseal(&other, &sealed).is_none());
    sealed.truncate(place);
    assert!(cache::unseal(&key, &sealed).is_none());
}

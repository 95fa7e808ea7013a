//! EXPLAIN: the plan as written, after the rules, and the job as it runs, with the changelog on every edge.

use std::fmt::Write;

use datafusion::logical_expr::LogicalPlan;

use super::granted::granted;
use crate::changelog::ChangelogMode;
use crate::connectors::{Sink, SinkWriter, WriterContext};
use crate::error::{Error, Result};
use crate::operators::dead_letter_schema;
use crate::runtime::{Exchange, JobGraph, NodeId, NodeKind};

/// Stands for what shows a SELECT's result, in EXPLAIN only.
#[derive(Debug)]
pub struct Collect;

impl Sink for Collect {
    fn changelog_mode(&self) -> ChangelogMode {
        ChangelogMode::Retract
    }

    fn writer(&self, _context: &WriterContext) -> Result<Box<dyn SinkWriter>> {
        Err(Error::bug("a plan that is only explained was run"))
    }

    fn max_parallelism(&self) -> Option<usize> {
        Some(1)
    }
}

/// The three plans, as Flink's EXPLAIN lays them out.
pub fn text(bound: &[&LogicalPlan], optimized: &[&LogicalPlan], graph: Option<&JobGraph>) -> String {
    let mut text = String::from("== Abstract Syntax Tree ==\n");
    logical(&mut text, bound);
    text.push_str("\n== Optimized Logical Plan ==\n");
    logical(&mut text, optimized);
    text.push_str("\n== Optimized Execution Plan ==\n");
    match graph {
        Some(graph) => text.push_str(&execution(graph)),
        None => {
            text.push_str("batch: the optimized plan on DataFusion's batch engine\n");
            for (function, granted) in granted(optimized) {
                let _ = writeln!(text, "{function} GRANTED [{granted}]");
            }
        }
    }
    text
}

fn logical(text: &mut String, plans: &[&LogicalPlan]) {
    for plan in plans {
        let _ = writeln!(text, "{}", plan.display_indent());
    }
}

/// A job graph as trees, a sink at each root. A node with several consumers is written once and then named.
pub fn execution(graph: &JobGraph) -> String {
    let mut consumers = vec![0; graph.nodes.len()];
    for input in graph.nodes.iter().flat_map(|node| &node.inputs) {
        consumers[input.node] += 1;
    }
    let mut printer = Printer { graph, consumers, written: vec![], text: String::new() };
    for (id, node) in graph.nodes.iter().enumerate() {
        if matches!(node.kind, NodeKind::Sink(_)) {
            printer.node(id, &mut vec![]);
        }
    }
    printer.text
}

struct Printer<'g> {
    graph: &'g JobGraph,
    consumers: Vec<usize>,
    /// Shared nodes that have been written.
    written: Vec<NodeId>,
    text: String,
}

impl Printer<'_> {
    /// `last`: for each level above, whether its node is the last of its siblings.
    fn node(&mut self, id: NodeId, last: &mut Vec<bool>) {
        let node = &self.graph.nodes[id];
        let changelog = match node.changelog_mode {
            ChangelogMode::AppendOnly => "I",
            ChangelogMode::Retract => "I,UB,UA,D",
            ChangelogMode::Upsert => "I,UA,D",
        };
        let shared = self.consumers[id] > 1;
        if shared && self.written.contains(&id) {
            self.line(last, &format!("Reused(reference_id=[{id}])"));
            return;
        }
        let (name, attributes) = match &node.kind {
            NodeKind::Source(source) => {
                let fields = source.schema.fields().iter().map(|field| field.name().as_str()).collect::<Vec<_>>();
                let mut attributes = format!("table=[{}], fields=[{}]", source.table, fields.join(", "));
                if let Some(watermark) = &source.watermark {
                    let expression =
                        datafusion::physical_expr_common::physical_expr::fmt_sql(watermark.expression.as_ref())
                            .to_string();
                    let _ = write!(
                        attributes,
                        ", watermark=[{}: {expression}]",
                        source.schema.field(watermark.column).name()
                    );
                }
                ("TableSourceScan", attributes)
            }
            NodeKind::Operator(spec) => (spec.name(), spec.describe()),
            NodeKind::Union(schema) => {
                let fields = schema.fields().iter().map(|field| field.name().as_str()).collect::<Vec<_>>();
                ("Union", format!("all=[true], union=[{}]", fields.join(", ")))
            }
            NodeKind::DeadLetters(table) => ("DeadLetters", format!("table=[{table}]")),
            NodeKind::Sink(sink) => {
                let fields = sink.schema.fields().iter().map(|field| field.name().as_str()).collect::<Vec<_>>();
                ("Sink", format!("table=[{}], fields=[{}]", sink.table, fields.join(", ")))
            }
        };
        let changelog = match node.kind {
            NodeKind::Sink(_) => String::new(),
            _ => format!(", changelogMode=[{changelog}]"),
        };
        let reference = if shared { format!("(reference_id=[{id}])") } else { String::new() };
        self.line(last, &format!("{name}({attributes}{changelog}, parallelism=[{}]){reference}", node.parallelism));
        if shared {
            self.written.push(id);
        }
        let count = node.inputs.len();
        for (index, input) in node.inputs.iter().enumerate() {
            last.push(index + 1 == count);
            let distribution = match &input.exchange {
                Exchange::Forward => None,
                Exchange::Hash(keys) => Some(format!("hash[{}]", self.names(input.node, keys))),
                Exchange::Rebalance => Some("rebalance".to_owned()),
                Exchange::Single => Some("single".to_owned()),
            };
            match distribution {
                Some(distribution) => {
                    self.line(last, &format!("Exchange(distribution=[{distribution}])"));
                    last.push(true);
                    self.node(input.node, last);
                    last.pop();
                }
                None => self.node(input.node, last),
            }
            last.pop();
        }
    }

    fn names(&self, node: NodeId, keys: &[usize]) -> String {
        let schema = match &self.graph.nodes[node].kind {
            NodeKind::Source(source) => source.schema.clone(),
            NodeKind::Operator(spec) => spec.schema(),
            NodeKind::Union(schema) => schema.clone(),
            NodeKind::DeadLetters(_) => dead_letter_schema(),
            NodeKind::Sink(sink) => sink.schema.clone(),
        };
        keys.iter()
            .map(|key| schema.fields().get(*key).map_or("?", |field| field.name()))
            .collect::<Vec<_>>()
            .join(", ")
    }

    fn line(&mut self, last: &[bool], line: &str) {
        if let Some((_, above)) = last.split_last() {
            for done in above {
                self.text.push_str(if *done { "   " } else { ":  " });
            }
            let own = last.last().copied().unwrap_or(true);
            self.text.push_str(if own { "+- " } else { ":- " });
        }
        self.text.push_str(line);
        self.text.push('\n');
    }
}

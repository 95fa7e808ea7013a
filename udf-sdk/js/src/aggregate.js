// Aggregate functions: one value per group.

import { Arguments, Errors, columnOf, forEachRow, mapRows } from "./rows.js";
import { readMember, writeColumn } from "./types/field.js";
import { CallError, Columns, Reader, passed } from "./wire.js";

/** An aggregate function at one place of a plan. */
export class AggregateCalls {
  constructor(Accumulator, { parameters, result, state }) {
    this.Accumulator = Accumulator;
    this.args = new Arguments(parameters);
    this.result = result;
    this.state = state;
    this.reader = new Reader(state.children);
  }

  /** Accumulators of no groups yet. */
  open() {
    return new Accumulators(this);
  }

  /** The states of accumulators, which stay as they are. */
  save(accumulators) {
    const saved = accumulators.map((accumulator) => accumulator.save?.() ?? accumulator);
    const columns = new Columns();
    this.state.columns(saved).forEach((values, index) => {
      const { name, type } = this.state.children[index];
      try {
        writeColumn(type, values, columns);
      } catch {
        throw new CallError(`its state cannot be kept: \`${name}\` is no ${type.name}`);
      }
    });
    return columns;
  }

  /** The accumulators in these states. */
  restore(state, groups) {
    const reader = this.reader.open(state);
    const saved = Array.from({ length: groups }, () => ({}));
    this.state.children.forEach(({ name, type }) => {
      const { values, unreadable } = readMember(type, reader);
      for (const reason of unreadable.values()) throw new CallError(`\`${name}\` of a state ${reason}`);
      for (let group = 0; group < groups; group++) saved[group][name] = values[group];
    });
    reader.close();
    const { Accumulator } = this;
    return saved.map((state) => Accumulator.restore?.(state) ?? Object.assign(new Accumulator(), state));
  }
}

/**
 * The accumulators of one function, by group. Groups are numbered densely, so that lists do for what a Map is: numbers up
 * to some thousand all have one hash in QuickJS, whose Map then looks at each of them.
 * Calls name groups in a list or, from StarlingMonkey, in a typed array.
 */
class Accumulators {
  constructor(calls) {
    this.calls = calls;
    this.groups = [];
    /** The last call that each group was in, as `distinct` counts them. */
    this.seen = [];
    this.counted = 0;
  }

  /** Adds each row to its group. */
  accumulate(groups, batch) {
    return this.update("accumulate", groups, batch);
  }

  /** Takes each row out of its group. */
  retract(groups, batch) {
    return this.update("retract", groups, batch);
  }

  /** Adds a state to each of the groups. */
  merge(groups, state) {
    const errors = new Errors();
    this.apply("merge", groups, [this.calls.restore(state, groups.length)], errors);
    return errors.rows();
  }

  /** The value of each of the groups, which stay as they are. */
  evaluate(groups) {
    const errors = new Errors();
    const accumulators = Array.from(groups, (group) => this.get(group));
    const evaluate = (accumulator) => accumulator.evaluate();
    const results = mapRows(evaluate, [accumulators], groups.length, errors);
    const column = columnOf(this.calls.result, results, errors, null);
    return { column, errors: errors.rows() };
  }

  /** The state of each of the groups, which stay as they are. */
  state(groups) {
    return this.calls.save(Array.from(groups, (group) => this.get(group)));
  }

  /** Sets each of the groups to a state. */
  restore(groups, state) {
    this.calls.restore(state, groups.length).forEach((accumulator, index) => this.set(groups[index], accumulator));
  }

  /** Empties groups. */
  remove(groups) {
    for (const group of groups) if (group < this.groups.length) this.groups[group] = undefined;
  }

  /** The accumulator of a group: one that was not seen yet is empty. */
  get(group) {
    return this.groups[group] ?? this.set(group, new this.calls.Accumulator());
  }

  set(group, accumulator) {
    // Without a gap, which would make something slower of the list.
    while (this.groups.length <= group) this.groups.push(undefined);
    return (this.groups[group] = accumulator);
  }

  /** The groups of a call, each once. */
  distinct(groups) {
    const { seen } = this;
    const call = ++this.counted;
    const distinct = [];
    const rows = groups.length;
    for (let row = 0; row < rows; row++) {
      const group = groups[row];
      while (seen.length <= group) seen.push(0);
      if (seen[group] === call) continue;
      seen[group] = call;
      distinct.push(group);
    }
    return distinct;
  }

  update(method, groups, batch) {
    const { args } = this.calls;
    const columns = args.read(groups.length, batch);
    const selected = args.selected === null ? groups : groups.filter((_, row) => args.selected[row]);
    this.apply(method, selected, columns, args.errors);
    return args.errors.rows();
  }

  /** Calls the method with each row's arguments. A row that fails leaves its group as it was. */
  apply(method, groups, columns, errors) {
    const undo = new Undo(this, method, groups, columns);
    const [a, b] = columns;
    const calls = [
      (row) => this.get(groups[row])[method](),
      (row) => this.get(groups[row])[method](a[row]),
      (row) => this.get(groups[row])[method](a[row], b[row]),
    ];
    const call = calls[columns.length] ?? ((row) => this.get(groups[row])[method](...columns.map((column) => column[row])));
    forEachRow(groups.length, call, (row, message) => {
      errors.add(row, message);
      undo.row(row);
    });
  }
}

/**
 * Brings back the accumulators of groups in which a row failed half way: from their states before the call, and the rows
 * of the call that came before that row.
 */
class Undo {
  constructor(accumulators, method, groups, columns) {
    this.accumulators = accumulators;
    this.method = method;
    this.groups = groups;
    this.columns = columns;
    this.distinct = accumulators.distinct(groups);
    this.before = accumulators.state(this.distinct);
    /** Of groups in which a row failed: a state, and the row behind it. */
    this.since = new Map();
  }

  restore(state, groups) {
    const { calls } = this.accumulators;
    return calls.restore(passed(state, calls.state.children), groups);
  }

  /** The row failed. */
  row(index) {
    const { calls } = this.accumulators;
    const group = this.groups[index];
    const { state, start } = this.since.get(group) ?? { state: null, start: 0 };
    const accumulator =
      state === null
        ? this.restore(this.before, this.distinct.length)[this.distinct.indexOf(group)]
        : this.restore(state, 1)[0];
    for (let row = start; row < index; row++) {
      if (this.groups[row] === group) accumulator[this.method](...this.columns.map((column) => column[row]));
    }
    this.accumulators.set(group, accumulator);
    this.since.set(group, { state: calls.save([accumulator]), start: index + 1 });
  }
}

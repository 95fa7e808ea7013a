//! WASI preview 1 with nothing in it, for guests whose standard library imports it whether it is used or not: Go's
//! runtime, and what C++ would print before it aborts. It is an adapter in the sense of `wit-component`: a core module on
//! the guest's own memory. As it imports nothing itself, neither does the component; the guest becomes a pure function.
//!
//! Clocks stand still, random bytes are always the same, output is dropped, there are no arguments, variables or files.

use wasm_encoder::{
    BlockType, CodeSection, EntityType, ExportKind, ExportSection, Function, FunctionSection, ImportSection,
    InstructionSink, MemArg, MemoryType, Module, TypeSection, ValType,
};

/// The name under which guests import it.
pub const NAME: &str = "wasi_snapshot_preview1";

/// Nanoseconds of all clocks: not zero, which Go's runtime takes for a failure.
const NOW: i64 = 1_000_000_000;

const SUCCESS: i32 = 0;
const BAD_FILE: i32 = 8;
const NO_ENTRY: i32 = 44;
const NOT_SUPPORTED: i32 = 52;

/// What a function does, beside the error number that it returns.
enum Does {
    /// Nothing but return it.
    Return(i32),
    /// Writes a zero of 32 bits where each of its parameters points.
    Zeros,
    /// Writes the time where its last parameter points.
    Time,
    /// Fills the buffer of its parameters.
    Random,
    /// Says that it has written everything.
    Written,
    /// Ends the guest.
    Trap,
}

use Does::{Random, Return, Time, Trap, Written, Zeros};

/// All functions: their parameters, `i` for 32 bits and `l` for 64, and what they do.
const FUNCTIONS: &[(&str, &str, Does)] = &[
    ("args_get", "ii", Return(SUCCESS)),
    ("args_sizes_get", "ii", Zeros),
    ("clock_res_get", "ii", Time),
    ("clock_time_get", "ili", Time),
    ("environ_get", "ii", Return(SUCCESS)),
    ("environ_sizes_get", "ii", Zeros),
    ("fd_advise", "illi", Return(BAD_FILE)),
    ("fd_allocate", "ill", Return(BAD_FILE)),
    ("fd_close", "i", Return(BAD_FILE)),
    ("fd_datasync", "i", Return(BAD_FILE)),
    ("fd_fdstat_get", "ii", Return(BAD_FILE)),
    ("fd_fdstat_set_flags", "ii", Return(BAD_FILE)),
    ("fd_fdstat_set_rights", "ill", Return(BAD_FILE)),
    ("fd_filestat_get", "ii", Return(BAD_FILE)),
    ("fd_filestat_set_size", "il", Return(BAD_FILE)),
    ("fd_filestat_set_times", "illi", Return(BAD_FILE)),
    ("fd_pread", "iiili", Return(BAD_FILE)),
    ("fd_prestat_dir_name", "iii", Return(BAD_FILE)),
    ("fd_prestat_get", "ii", Return(BAD_FILE)),
    ("fd_pwrite", "iiili", Return(BAD_FILE)),
    ("fd_read", "iiii", Return(BAD_FILE)),
    ("fd_readdir", "iiili", Return(BAD_FILE)),
    ("fd_renumber", "ii", Return(BAD_FILE)),
    ("fd_seek", "ilii", Return(BAD_FILE)),
    ("fd_sync", "i", Return(BAD_FILE)),
    ("fd_tell", "ii", Return(BAD_FILE)),
    ("fd_write", "iiii", Written),
    ("path_create_directory", "iii", Return(NO_ENTRY)),
    ("path_filestat_get", "iiiii", Return(NO_ENTRY)),
    ("path_filestat_set_times", "iiiilli", Return(NO_ENTRY)),
    ("path_link", "iiiiiii", Return(NO_ENTRY)),
    ("path_open", "iiiiillii", Return(NO_ENTRY)),
    ("path_readlink", "iiiiii", Return(NO_ENTRY)),
    ("path_remove_directory", "iii", Return(NO_ENTRY)),
    ("path_rename", "iiiiii", Return(NO_ENTRY)),
    ("path_symlink", "iiiii", Return(NO_ENTRY)),
    ("path_unlink_file", "iii", Return(NO_ENTRY)),
    ("poll_oneoff", "iiii", Return(NOT_SUPPORTED)),
    ("proc_exit", "i", Trap),
    ("proc_raise", "i", Trap),
    ("random_get", "ii", Random),
    ("sched_yield", "", Return(SUCCESS)),
    ("sock_accept", "iii", Return(BAD_FILE)),
    ("sock_recv", "iiiiii", Return(BAD_FILE)),
    ("sock_send", "iiiii", Return(BAD_FILE)),
    ("sock_shutdown", "ii", Return(BAD_FILE)),
];

/// The adapter, a core module.
pub fn adapter() -> Vec<u8> {
    let (mut types, mut functions) = (TypeSection::new(), FunctionSection::new());
    let (mut exports, mut code) = (ExportSection::new(), CodeSection::new());
    for (index, (name, parameters, does)) in (0..).zip(FUNCTIONS) {
        let parameter = |letter| if letter == b'l' { ValType::I64 } else { ValType::I32 };
        let result = (*name != "proc_exit").then_some(ValType::I32);
        types.ty().function(parameters.bytes().map(parameter), result);
        functions.function(index);
        exports.export(name, ExportKind::Func, index);
        code.function(&body(does, parameters.len() as u32));
    }
    let mut imports = ImportSection::new();
    let memory = MemoryType { minimum: 0, maximum: None, memory64: false, shared: false, page_size_log2: None };
    imports.import("env", "memory", EntityType::Memory(memory));
    let mut module = Module::new();
    module.section(&types).section(&imports).section(&functions).section(&exports).section(&code);
    module.finish()
}

fn body(does: &Does, parameters: u32) -> Function {
    // Two variables, after the parameters: what is left to do, and what was done.
    let mut function = Function::new([(2, ValType::I32)]);
    let (left, done) = (parameters, parameters + 1);
    let word = MemArg { offset: 0, align: 2, memory_index: 0 };
    let code = &mut function.instructions();
    match does {
        Return(error) => drop(code.i32_const(*error)),
        Zeros => {
            for parameter in 0..parameters {
                code.local_get(parameter).i32_const(0).i32_store(word);
            }
            code.i32_const(SUCCESS);
        }
        Time => {
            code.local_get(parameters - 1).i64_const(NOW).i64_store(MemArg { align: 3, ..word }).i32_const(SUCCESS);
        }
        Random => {
            // From the last byte to the first, each the top of its place times a large odd number.
            code.local_get(1).local_set(left);
            repeat(code, left, |code| {
                code.local_get(0).local_get(left).i32_add();
                code.local_get(left).i32_const(1).i32_add().i32_const(0x9e37_79b1_u32 as i32).i32_mul();
                code.i32_const(24).i32_shr_u();
                code.i32_store8(MemArg { align: 0, ..word });
            });
            code.i32_const(SUCCESS);
        }
        Written => {
            // The lengths of all parts, the second words of pairs.
            code.local_get(2).local_set(left);
            repeat(code, left, |code| {
                code.local_get(done).local_get(1).local_get(left).i32_const(3).i32_shl().i32_add();
                code.i32_load(MemArg { offset: 4, ..word }).i32_add().local_set(done);
            });
            code.local_get(3).local_get(done).i32_store(word).i32_const(SUCCESS);
        }
        Trap => drop(code.unreachable()),
    }
    code.end();
    function
}

/// Runs `step` with `left` counted down to 0.
fn repeat(code: &mut InstructionSink<'_>, left: u32, step: impl FnOnce(&mut InstructionSink<'_>)) {
    code.block(BlockType::Empty).loop_(BlockType::Empty);
    code.local_get(left).i32_eqz().br_if(1);
    code.local_get(left).i32_const(1).i32_sub().local_set(left);
    step(code);
    code.br(0).end().end();
}

/*
 * TorchScript: modules, their methods, traces and graphs.
 *
 * A module is a pt_object. Values go in and out as in op.h; where `inputs` and `arguments` are
 * borrowed, values that come out are one pt_value each, to be cleared with pt_value_clear.
 */
#ifndef PANTORCH_JIT_H
#define PANTORCH_JIT_H

#include <pantorch/op.h>

PT_BEGIN_DECLS

typedef int64_t pt_graph;     /* a graph, shared with the method that it belongs to */
typedef int64_t pt_recording; /* what one run of a traced function has called */

/* A module without members. Modules of one tree are made with the same `sibling`, whose types they
 * share a unit with; 0 begins a new one. `name` is the class: "__torch__.Model". new. */
PT_API pt_error pt_module_create(const char* name, pt_object sibling, pt_object* out_module);

/* What a member of a module is. */
enum { PT_MEMBER_ATTRIBUTE = 0, PT_MEMBER_PARAMETER = 1, PT_MEMBER_BUFFER = 2 };

/* Gives a module a member; a module as value makes it a child. */
PT_API pt_error pt_module_register(pt_object module, const char* name, int32_t role,
                                   const pt_value* value);

/*
 * Tracing. The callback runs the function that is traced: it is given `count` values at `inputs`,
 * which it owns, and writes one pt_value, borrowed until the trace is over, to `output`. It returns
 * 0, or a number that comes out as pt_error_callback_id. It runs on the calling thread, so that a
 * virtual thread cannot change its carrier while it is traced.
 * The location callback writes where the caller's program is to `buffer`, as lines of UTF-8: a file
 * name, a line number, then the stack, and returns the length, 0 for unknown.
 */
typedef int64_t (*pt_trace_callback)(int64_t context, int64_t mode, pt_address inputs,
                                     int32_t count, pt_address output);
typedef int64_t (*pt_location_callback)(int64_t context, pt_address buffer, int64_t capacity);
PT_API void pt_trace_set_callbacks(pt_trace_callback run, pt_location_callback location);

/* Runs the function and keeps what it called; the module stays as it is. new. */
PT_API pt_error pt_trace_record(int64_t mode, pt_object module, const pt_value* inputs,
                                int32_t count, int32_t strict, int64_t context,
                                pt_recording* out_recording);

/*
 * Traces the function and adds it to the module as a method. `names` are the addresses of the
 * inputs' names.
 *
 * Sizes that the function has read were numbers to it, and would be constants. They are found by
 * running it on inputs of other sizes: a number that changes with them is computed from the sizes
 * when the trace is replayed. There are `symbols` sizes, each given as 3 int64 at `sizes`: which
 * tensor among those of the inputs, which dimension, the size. The recordings, 0 for a run that
 * failed, are of runs with one size greater by 1, for each size in turn; then with two of them, for
 * each pair (0,1), (0,2), (1,2), ...; and a last one whose sizes are at `check_sizes`, to verify
 * what the others say.
 * out_report is a list of what could not be followed: lists of a PT_REPORT_*, the size's index or
 * the number, and the source location (file, line, stack). out_recording is new.
 */
PT_API pt_error pt_trace_compile(int64_t mode, pt_object module, const char* method,
                                 const pt_value* inputs, const pt_address* names, int32_t count,
                                 int32_t strict, int64_t context, pt_address sizes, int32_t symbols,
                                 const pt_recording* recordings, pt_address check_sizes,
                                 pt_address out_report, pt_recording* out_recording);
enum {
  PT_REPORT_STRUCTURE = 0, /* other operators are called when the size is another */
  PT_REPORT_NUMBER = 1,    /* an integer changes with the sizes in a way that was not found */
  PT_REPORT_FRACTION = 2,  /* a floating number changes with the sizes */
  PT_REPORT_TENSOR = 3     /* a tensor that was made outside of the trace changes with them */
};

/* How a further run differs from the one that was compiled: out_differences is a list of two texts
 * or None, for other operators and for other constants. `run_sizes` are the run's sizes, in the
 * order of `sizes` above. */
PT_API pt_error pt_recording_compare(pt_recording compiled, pt_recording other,
                                     pt_address run_sizes, pt_address out_differences);
PT_API void pt_recording_free(pt_recording recording);

/* A module of the traced one is entered, "__module.fc", and left. For callers inside a trace. */
PT_API pt_error pt_trace_push_scope(const char* path);
PT_API pt_error pt_trace_pop_scope(void);

/* Scripts: what to load, a file or, where `path` is 0, memory. device_type -1: tensors are loaded
 * to where they were saved from. `extra` holds the addresses of names of extra files; out_extra is
 * where a list with the content of each, or None, is written. */
typedef struct {
  pt_address path; /* NUL-terminated */
  pt_address bytes;
  int64_t length;
  int64_t device_type;
  int64_t device_index;
  pt_address extra;
  int64_t extra_count;
  pt_address out_extra;
} pt_module_source;
PT_API pt_error pt_module_load(pt_address source, pt_address out_module);

/* The module as a file's content, out_bytes: free with pt_free. extra: names and contents in turn,
 * strings all. */
PT_API pt_error pt_module_save(pt_object module, const pt_value* extra, int32_t extra_count,
                               pt_address* out_bytes, int64_t* out_length);

/* What an object has, as lists: its members (name, PT_MEMBER_*, whether it is a module, type), then
 * its methods (name, schema). */
PT_API pt_error pt_object_members(pt_object object, pt_address out_members);
PT_API pt_error pt_object_attribute(pt_object object, pt_address name, pt_address out_value);
PT_API pt_error pt_object_set_attribute(pt_object object, const char* name, const pt_value* value);

/* A call of a method; the last `named` of the `count` arguments are by name. */
typedef struct {
  int64_t mode;
  pt_address method;    /* NUL-terminated */
  pt_address arguments; /* pt_value each */
  int64_t count;
  pt_address names; /* an address of a NUL-terminated name each */
  int64_t named;
  pt_address out_value;
} pt_method_call;
PT_API pt_error pt_object_call(pt_object object, pt_address call);

/* Writes 1 if a method of the module puts another value in an attribute's place, else 0. */
PT_API pt_error pt_module_assigns(pt_object module, pt_address out_assigns);

/* A copy with tensors of its own. new. */
PT_API pt_error pt_module_copy(pt_object module, pt_object* out_module);

/* The module with its attributes as constants; `preserved` names what stays. new. */
PT_API pt_error pt_module_freeze(pt_object module, const pt_address* preserved, int32_t count,
                                 int32_t optimize, pt_object* out_module);

/* A frozen module with what makes inference faster on this machine. `methods` are those besides
 * forward. new. */
PT_API pt_error pt_module_optimize(pt_object module, const pt_address* methods, int32_t count,
                                   pt_object* out_module);

/* A method's source as TorchScript. free with pt_free. */
PT_API pt_error pt_module_code(pt_object module, const char* method, pt_address* out_text);

/* A method's graph; inlined is a copy without calls of other methods. new. */
PT_API pt_error pt_module_graph(pt_object module, const char* method, int32_t inlined,
                                pt_graph* out_graph);
PT_API void pt_graph_free(pt_graph graph);

/* The graph as libtorch prints it. free with pt_free. */
PT_API pt_error pt_graph_text(pt_graph graph, pt_address* out_text);

/*
 * The graph as one value, a list of inputs, nodes and outputs.
 *   input   (id, name, type)
 *   type    (text, kind, dtype or None, sizes with None for unknown or None, strides likewise,
 *           device or None, whether gradients are recorded or None)
 *   node    (kind, scope, source location or None, ids of inputs, outputs as inputs above,
 *           attributes (name, kind, value) in turn, blocks as graphs, whether it draws random
 *           numbers)
 *   output  id
 * A value of kind graph is one of these lists.
 */
PT_API pt_error pt_graph_read(pt_graph graph, pt_address out_value);

/*
 * Checks the bytes of an ONNX model as ONNX's own checker does: by its rules, and by inferring all
 * types and shapes strictly. Weights in files of their own are looked for and must not be named.
 */
PT_API pt_error pt_onnx_check(pt_address bytes, int64_t length);

PT_END_DECLS

#endif

/* The library as a whole: versions, build configuration, threads, global settings. */
#ifndef PANTORCH_RUNTIME_H
#define PANTORCH_RUNTIME_H

#include <pantorch/base.h>

PT_BEGIN_DECLS

/* The PT_ABI_VERSION that the library was built with. */
PT_API int32_t pt_abi_version(void);

/* The libtorch version that the library was compiled against, as "2.13.0". borrowed, never freed.
 */
PT_API const char* pt_libtorch_version(void);

/* The same for a caller to check before it calls anything else: writes the ABI version and the
 * address of the libtorch version to the first two of `capacity` numbers at `out_identity`, and
 * returns how many there are to write. This function stays as it is in every version. Its type is
 * that of pt_op_call: a caller that must generate code for each type of function, as the JVM does,
 * has to do so for one type only before it begins. */
PT_API int64_t pt_runtime_identify(int64_t capacity, pt_address out_identity);

/* What pt_runtime_start does, as bits. */
enum {
  PT_START_CACHING_ALLOCATOR = 1, /* pt_memory_install */
  /* The callbacks for warnings and for memory pressure are set when pt_runtime_await_need says so.
   * Until then whoever needs one waits for it, 10 seconds at most. */
  PT_START_CALLBACKS_ON_DEMAND = 2
};

/* To be called once, before anything else. Writes what pt_memory_counters returns. */
PT_API pt_error pt_runtime_start(int64_t what, pt_address out_counters);

/* The callbacks that somebody waits for, as bits. */
enum { PT_NEED_WARNING_CALLBACK = 1, PT_NEED_MEMORY_PRESSURE_CALLBACK = 2 };

/* Waits until somebody needs a callback that is to be set on demand, for `timeout_ms` milliseconds
 * at most, -1 for as long as it takes. Writes which ones, 0 after the timeout. It is for a thread
 * that sets them then. */
PT_API pt_error pt_runtime_await_need(int64_t timeout_ms, pt_address out_need);

/* Frees memory that a function of this library returned as "free with pt_free". 0 is ignored. */
PT_API void pt_free(pt_address memory);

/* libtorch's own description of how it was built, and of its threads. free with pt_free. */
PT_API pt_error pt_runtime_config(pt_address* out_text);
PT_API pt_error pt_runtime_parallel_info(pt_address* out_text);

/* What the processor can, as names separated by spaces, "avx2 avx512_vnni". free with pt_free. */
PT_API pt_error pt_runtime_cpu_capabilities(pt_address* out_text);

/* Threads within one operator, and between operators. Inter-op threads can be set only once, before
 * they are first used. */
enum { PT_THREADS_INTRAOP = 0, PT_THREADS_INTEROP = 1 };
PT_API int32_t pt_runtime_num_threads(void);
PT_API int32_t pt_runtime_num_interop_threads(void);
PT_API pt_error pt_runtime_set_num_threads(int64_t which, int64_t threads);

/* Engines for quantized operators (at::QEngine values), and the one in use. At most `capacity`
 * values are written to `engines`; out_count is how many there are. */
PT_API pt_error pt_runtime_quantized_engines(int32_t* engines, int32_t capacity,
                                             int32_t* out_count);
PT_API pt_error pt_runtime_quantized_engine(int32_t* out_engine);
PT_API pt_error pt_runtime_set_quantized_engine(int32_t engine);

/* Whether only deterministic algorithms may be used; warn_only turns the error into a warning. */
PT_API int32_t pt_runtime_deterministic(void);
PT_API void pt_runtime_set_deterministic(int32_t enabled, int32_t warn_only);

/* The dtype (c10::ScalarType value) of floating tensors made without one. */
PT_API int32_t pt_runtime_default_dtype(void);
PT_API pt_error pt_runtime_set_default_dtype(int32_t dtype);

/* Forgets the weights that autocast has converted, those of all threads. */
PT_API pt_error pt_runtime_clear_autocast_cache(void);

/* The dtype (c10::ScalarType value) that autocast converts to on a kind of device (c10::DeviceType
 * value) if not told otherwise. An error for one that has no autocast. */
PT_API pt_error pt_runtime_autocast_dtype(int32_t device_type, int32_t* out_dtype);

/* Receives libtorch's warnings instead of stderr. The text is borrowed for the duration of the
 * call. kind: 0 user warning, 1 deprecation warning. */
typedef void (*pt_warning_callback)(int32_t kind, const char* text);
PT_API void pt_runtime_set_warning_callback(pt_warning_callback callback);

PT_END_DECLS

#endif

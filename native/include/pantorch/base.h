/*
 * Pantorch's C interface to libtorch: what holds for every function.
 *
 *  - Pure C11. The headers compile alone; nothing of libtorch or C++ shows through.
 *  - Names are pt_<noun>_<verb>. Inputs come first, results last, through `out_*` pointers.
 *  - Every object is a handle, an int64_t under its own name; 0 means none. A handle marked `new`
 *    is owned by the caller, who frees it exactly once; a `borrowed` one is only looked at.
 *  - Every function that can fail returns a pt_error: 0, or an error object that the caller frees.
 *    When it is not 0, no out parameter has been written. No C++ exception crosses this interface.
 *  - A `mode` word carries the caller's thread-local state (see PT_MODE_*), since a caller may run
 * on a virtual thread whose carrier changes between calls. Functions that run kernels take it.
 *  - An address passed as int64_t is a plain pointer; passing it as a number is cheapest from Java.
 *  - Sizes are counts of elements, memory is counted in bytes, strings are UTF-8.
 *  - Functions may be called from any thread, unless they say otherwise.
 */
#ifndef PANTORCH_BASE_H
#define PANTORCH_BASE_H

#include <stdint.h>

#if defined(_WIN32)
#if defined(PANTORCH_BUILD)
#define PT_API __declspec(dllexport)
#else
#define PT_API __declspec(dllimport)
#endif
#else
#define PT_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
#define PT_BEGIN_DECLS extern "C" {
#define PT_END_DECLS }
#else
#define PT_BEGIN_DECLS
#define PT_END_DECLS
#endif

/* Changed whenever a function or an encoding changes in a way that old callers would not survive.
 */
#define PT_ABI_VERSION 5

/* Bits of a mode word. 0 is libtorch's default: gradients recorded, no inference mode, no autocast.
 */
#define PT_MODE_NO_GRAD 1
#define PT_MODE_INFERENCE 2
#define PT_MODE_SAVED_TENSOR_HOOKS 0x40000000 /* the thread has hooks for what graphs save */
/* Autocast on the CPU and on the accelerator, and whether weights are converted without the cache,
 * which the whole process shares. */
#define PT_MODE_AUTOCAST_CPU 4
#define PT_MODE_AUTOCAST_ACCELERATOR 8
#define PT_MODE_AUTOCAST_UNCACHED 16
/* Bytes of a mode word: the dtypes that autocast converts to (c10::ScalarType values; 0 for
 * libtorch's own choice), and which accelerator it is (a c10::DeviceType value). */
#define PT_MODE_AUTOCAST_CPU_DTYPE_SHIFT 8
#define PT_MODE_AUTOCAST_ACCELERATOR_DTYPE_SHIFT 16
#define PT_MODE_AUTOCAST_ACCELERATOR_TYPE_SHIFT 32
/* While a trace is recorded: calls with this bit are not part of it. */
#define PT_MODE_NO_TRACE 32

typedef int64_t pt_error;     /* an error object, or 0 for success */
typedef int64_t pt_tensor;    /* a TensorImpl*, one reference */
typedef int64_t pt_storage;   /* a StorageImpl*, one reference */
typedef int64_t pt_generator; /* a GeneratorImpl*, one reference */
typedef int64_t pt_object;    /* a dynamic value of libtorch's, of a class or a module mostly */
typedef int64_t pt_op;        /* an operator; lives as long as the library */
typedef int64_t pt_address;   /* a pointer as a number */

#endif

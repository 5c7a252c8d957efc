/* Tensors: handles, descriptions, memory. Everything that computes is an operator (op.h). */
#ifndef PANTORCH_TENSOR_H
#define PANTORCH_TENSOR_H

#include <pantorch/base.h>

PT_BEGIN_DECLS

/* Gives back one reference. 0 is ignored. Never fails. */
PT_API void pt_tensor_free(pt_tensor tensor);

/* The same, and fetches the memory at `next`, which is to be freed next, into the cache. 0, or what
 * has been freed meanwhile, does no harm there. */
PT_API void pt_tensor_free_before(pt_tensor tensor, pt_tensor next);

/* Gives back `count` references whose handles stand at `handles`; zeros are skipped. */
PT_API void pt_tensor_free_all(pt_address handles, int64_t count);

/* A further reference to the same tensor. new. */
PT_API pt_tensor pt_tensor_retain(pt_tensor tensor);

/* The tensor that is not there: what optional results hold. new. */
PT_API pt_tensor pt_tensor_undefined(void);

/* Bits of a description's flags. */
enum {
  PT_TENSOR_DEFINED = 1,
  PT_TENSOR_REQUIRES_GRAD = 2,
  PT_TENSOR_LEAF = 4,
  PT_TENSOR_CONTIGUOUS = 8,
  PT_TENSOR_INFERENCE = 16,
  PT_TENSOR_CONJ = 32,
  PT_TENSOR_NEG = 64,
  PT_TENSOR_VIEW = 128,
  PT_TENSOR_RETAINS_GRAD = 256,
  PT_TENSOR_QUANTIZED = 512,
  PT_TENSOR_PINNED = 1024,
  PT_TENSOR_HAS_STORAGE = 2048,
  PT_TENSOR_NESTED = 4096
};

/* Most dimensions a description has room for. */
#define PT_TENSOR_MAX_DIM 64

/* Writes to `out`, an array of 8 + 2 * PT_TENSOR_MAX_DIM int64: flags, dtype, layout, device type,
 * device index (-1: none), number of dimensions, number of elements, storage offset (elements), the
 * sizes, the strides. Tensors without strides (sparse ones) have zeros there. A nested tensor has
 * -1 for a size that differs between its parts. */
PT_API pt_error pt_tensor_describe(pt_tensor tensor, pt_address out);

/* The address of the first element, on the tensor's device; 0 when it has none. borrowed from the
 * storage. */
PT_API pt_error pt_tensor_data(pt_tensor tensor, pt_address* out_address);

/* The tensor's storage, to keep its memory alive independently of the tensor. From then on libtorch
 * refuses to resize the storage, since that would move the memory. new. */
PT_API pt_error pt_tensor_storage(pt_tensor tensor, pt_storage* out_storage, int64_t* out_bytes);
PT_API void pt_storage_free(pt_storage storage);

/* Where the tensor's storage is: an address that no other living storage has, that of its memory,
 * on its device (0: none), and its size. All borrowed; unlike pt_tensor_storage, nothing changes.
 */
PT_API pt_error pt_tensor_storage_memory(pt_tensor tensor, pt_address* out_identity,
                                         pt_address* out_memory, int64_t* out_bytes);

/* How the elements of a quantized tensor are scaled (c10::QScheme value). */
PT_API pt_error pt_tensor_qscheme(pt_tensor tensor, int32_t* out_qscheme);

/* Told when memory lent with pt_tensor_from_memory is no longer used. Must not fail. */
typedef void (*pt_release_callback)(int64_t context);
PT_API void pt_tensor_set_release_callback(pt_release_callback callback);

/* A tensor over the caller's memory, which must stay valid until the release callback was called
 * with `context`. Sizes and strides hold `dim` values, counted in elements. new. */
PT_API pt_error pt_tensor_from_memory(int64_t mode, pt_address memory, pt_address sizes,
                                      pt_address strides, int32_t dim, int32_t dtype,
                                      int32_t device_type, int32_t device_index, int64_t context,
                                      pt_tensor* out_tensor);

PT_END_DECLS

#endif

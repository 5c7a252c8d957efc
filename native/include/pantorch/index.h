/* Indexing as in Python: x[..., 1:5:2, None, mask], and assignment to it. */
#ifndef PANTORCH_INDEX_H
#define PANTORCH_INDEX_H

#include <pantorch/base.h>

PT_BEGIN_DECLS

/* The kinds of one index. */
enum {
  PT_INDEX_NONE = 0,     /* a new dimension of size 1 */
  PT_INDEX_ELLIPSIS = 1, /* as many whole dimensions as are left; at most one */
  PT_INDEX_INT = 2,      /* a: the position, negative ones from the end */
  PT_INDEX_BOOL = 3,     /* a: 0 or 1; a new dimension, whole or empty */
  PT_INDEX_SLICE = 4, /* a: start, b: stop, c: step, greater than 0; INT64_MAX as stop: the end */
  PT_INDEX_TENSOR = 5 /* a: handle of a mask or of positions */
};

typedef struct {
  int64_t kind;
  int64_t a;
  int64_t b;
  int64_t c;
} pt_index;

/* The part of the tensor that the `count` pt_index at `indices` mean: a view of it, or a copy as
 * soon as a tensor or a bool is among them. new. */
PT_API pt_error pt_tensor_get(int64_t mode, pt_tensor tensor, pt_address indices, int32_t count,
                              pt_tensor* out_part);

/* Assigns to that part, in place; values of a fitting smaller shape are repeated. */
PT_API pt_error pt_tensor_set(int64_t mode, pt_tensor tensor, pt_address indices, int32_t count,
                              pt_tensor value);

/* The same with one number, encoded as in op.h: address of its three slots. */
PT_API pt_error pt_tensor_set_scalar(int64_t mode, pt_tensor tensor, pt_address indices,
                                     int32_t count, pt_address scalar);

PT_END_DECLS

#endif

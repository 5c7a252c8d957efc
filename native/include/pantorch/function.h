/*
 * Derivatives written by the caller, hooks on saved tensors, and the stacks of anomaly mode.
 *
 * Callbacks follow those of autograd.h: they return 0, or a number that comes out of the failing
 * call as pt_error_callback_id, and a context is released once, by the release function of
 * pt_autograd_set_hook_callbacks. They may be called from threads of libtorch's own.
 */
#ifndef PANTORCH_FUNCTION_H
#define PANTORCH_FUNCTION_H

#include <pantorch/base.h>

PT_BEGIN_DECLS

/* The derivative of a function. `grads` has a handle or 0 for each output, `saved` one for each
 * saved tensor, all borrowed. Writes to `out_grads` a new handle or 0 for each input. */
typedef int64_t (*pt_backward_callback)(int64_t context, int64_t mode, pt_address grads,
                                        pt_address saved, pt_address out_grads);

/* Keeps a tensor that a graph saves: borrowed here, under the number written to out_packed, which
 * is a context of its own. Called where the mode word has PT_MODE_SAVED_TENSOR_HOOKS. */
typedef int64_t (*pt_pack_callback)(int64_t mode, pt_tensor tensor, pt_address out_packed);

/* Gives a kept tensor back, new. */
typedef int64_t (*pt_unpack_callback)(int64_t packed, int64_t mode, pt_address out_tensor);

/* Notes where the thread is now, in anomaly mode; returns a context, or 0. */
typedef int64_t (*pt_stack_callback)(void);

/* Tells which forward call a failed node of the graph belongs to. `parent` is 0 for the node that
 * failed, 1 for the one in whose backward pass that node was made. */
typedef void (*pt_describe_callback)(int64_t stack, const char* node, int32_t parent);

PT_API void pt_function_set_callbacks(pt_backward_callback backward, pt_pack_callback pack,
                                      pt_unpack_callback unpack, pt_stack_callback stack,
                                      pt_describe_callback describe);

/* Bits of `flags`. */
#define PT_FUNCTION_MATERIALIZE_GRADS 1   /* an output without gradient gets one of zeros */
#define PT_FUNCTION_ONCE_DIFFERENTIABLE 2 /* the gradients have no graph of their own */

/* Makes `outputs` results of a function of `inputs` whose derivative is the caller's, as
 * torch.autograd.Function does after forward. Takes over `context`, also on failure. `dirty` are
 * inputs that were changed in place, `non_differentiable` outputs without gradient, `saved` what
 * the derivative needs. All borrowed. Writes a new handle for each output. */
PT_API pt_error pt_function_apply(int64_t mode, int64_t context, const char* name, int32_t flags,
                                  pt_address inputs, int32_t input_count, pt_address outputs,
                                  int32_t output_count, pt_address dirty, int32_t dirty_count,
                                  pt_address non_differentiable, int32_t non_differentiable_count,
                                  pt_address saved, int32_t saved_count, pt_address out_outputs);

PT_END_DECLS

#endif

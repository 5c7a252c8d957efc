/* Reverse-mode automatic differentiation. */
#ifndef PANTORCH_AUTOGRAD_H
#define PANTORCH_AUTOGRAD_H

#include <pantorch/base.h>

PT_BEGIN_DECLS

PT_API pt_error pt_tensor_set_requires_grad(pt_tensor tensor, int64_t requires_grad);

/* The accumulated gradient. new, or 0 when there is none. */
PT_API pt_error pt_tensor_grad(pt_tensor tensor, pt_tensor* out_grad);

/* Replaces the gradient; 0 removes it. */
PT_API pt_error pt_tensor_set_grad(pt_tensor tensor, pt_tensor grad);

/* Keeps the gradient of a tensor that is no leaf. */
PT_API pt_error pt_tensor_retain_grad(pt_tensor tensor);

/* Removes (to_none) or zeroes the gradients of the `count` tensors at `tensors`, in one call. */
PT_API pt_error pt_tensors_zero_grad(int64_t mode, pt_address tensors, int64_t count,
                                     int32_t to_none);

/* The name of the function that made the tensor ("AddBackward0"), or 0 for a leaf. free with
 * pt_free. */
PT_API pt_error pt_tensor_grad_fn_name(pt_tensor tensor, pt_address* out_name);

/* The number of in-place changes made so far. Inference tensors have none: an error. */
PT_API pt_error pt_tensor_version(pt_tensor tensor, int64_t* out_version);

/* Differentiates the sum of `tensors` (weighted by `grads`, handles or 0) and accumulates into the
 * leaves, or into `inputs` when there are any. retain_graph: -1 means as create_graph. */
PT_API pt_error pt_autograd_backward(int64_t mode, pt_address tensors, pt_address grads,
                                     int32_t count, pt_address inputs, int32_t input_count,
                                     int32_t retain_graph, int32_t create_graph);

/* The gradients of `outputs` with respect to `inputs`, written as new handles to `out_grads`
 * (input_count slots); 0 for an unused input, where allow_unused permits it. */
PT_API pt_error pt_autograd_grad(int64_t mode, pt_address outputs, pt_address grads,
                                 int32_t output_count, pt_address inputs, int32_t input_count,
                                 int32_t retain_graph, int32_t create_graph, int32_t allow_unused,
                                 pt_address out_grads);

/*
 * Hooks. One callback serves them all; `context` says which hook is meant. It is called with the
 * mode word that holds inside the backward pass and with a borrowed gradient (or, for a
 * post-accumulate hook, the parameter). It writes a new handle to out_replacement to replace the
 * gradient, or 0. It returns 0, or a number that comes out of the backward call as
 * pt_error_callback_id. `release` is called once when a hook is gone for good.
 */
typedef int64_t (*pt_hook_callback)(int64_t context, int64_t mode, pt_tensor grad,
                                    pt_address out_replacement);
PT_API void pt_autograd_set_hook_callbacks(pt_hook_callback invoke,
                                           void (*release)(int64_t context));

/* Calls the hook whenever a gradient with respect to the tensor is computed. */
PT_API pt_error pt_tensor_register_hook(pt_tensor tensor, int64_t context, int64_t* out_id);
PT_API pt_error pt_tensor_remove_hook(pt_tensor tensor, int64_t id);

/* Calls the hook after a leaf's gradient was accumulated. A tensor has at most one; 0 removes it.
 */
PT_API pt_error pt_tensor_set_post_accumulate_hook(pt_tensor tensor, int64_t context);

/* Whether errors in a backward pass report where the forward operator was called, and whether NaN
 * gradients are errors. */
PT_API void pt_autograd_set_anomaly_mode(int32_t enabled, int32_t check_nan);

PT_END_DECLS

#endif

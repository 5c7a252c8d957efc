/* Steps of optimizers that one call makes for all parameters. */
#ifndef PANTORCH_OPTIM_H
#define PANTORCH_OPTIM_H

#include <pantorch/base.h>

PT_BEGIN_DECLS

/* A step of Adam, to the bit of what these operators compute one after the other, for each
 * parameter: exp_avg.lerp_(grad, 1 - beta1); exp_avg_sq.mul_(beta2).addcmul_(grad, grad, 1 -
 * beta2); param.addcdiv_(exp_avg, (exp_avg_sq.sqrt() / correction).add_(eps), step_size). The
 * packet, as in op.h: the mode word, Tensor[] params, Tensor[] grads, Tensor[] exp_avgs, Tensor[]
 * exp_avg_sqs, float[] corrections, float[] step_sizes, float beta1, float beta2, float eps.
 * Result: whether it was made; false, and nothing done, unless all are contiguous float32 tensors
 * of the CPU, the four of a parameter of one shape, and gradients are not recorded. */
PT_API pt_error pt_adam_step(pt_address frame);

PT_END_DECLS

#endif

/* Random number generators. */
#ifndef PANTORCH_RANDOM_H
#define PANTORCH_RANDOM_H

#include <pantorch/base.h>

PT_BEGIN_DECLS

/* Seeds the default generators of every device. */
PT_API pt_error pt_random_manual_seed(uint64_t seed);

/* A generator of its own for a device. new. */
PT_API pt_error pt_generator_create(int32_t device_type, int32_t device_index,
                                    pt_generator* out_generator);

/* The device's default generator. new reference to it. */
PT_API pt_error pt_generator_default(int32_t device_type, int32_t device_index,
                                     pt_generator* out_generator);
PT_API void pt_generator_free(pt_generator generator);

PT_API pt_error pt_generator_set_seed(pt_generator generator, uint64_t seed);

/* Draws a seed that cannot be foretold, sets it and returns it. */
PT_API pt_error pt_generator_seed(pt_generator generator, uint64_t* out_seed);

/* The seed last set. */
PT_API pt_error pt_generator_initial_seed(pt_generator generator, uint64_t* out_seed);

/* The whole state as a tensor of bytes, on the CPU. new. */
PT_API pt_error pt_generator_state(pt_generator generator, pt_tensor* out_state);
PT_API pt_error pt_generator_set_state(pt_generator generator, pt_tensor state);

PT_API pt_error pt_generator_device(pt_generator generator, int32_t* out_type, int32_t* out_index);

PT_END_DECLS

#endif

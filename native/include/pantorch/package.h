/* .pt2 packages: models that AOTInductor has compiled. */
#ifndef PANTORCH_PACKAGE_H
#define PANTORCH_PACKAGE_H

#include <pantorch/op.h>

PT_BEGIN_DECLS

typedef int64_t pt_package; /* one model of a package, loaded */

/* Loads a model from the folder that its package has been unpacked to, which must stay until
 * pt_package_free. As many threads run it at once as there are runners. device_index -1: the
 * device that it was compiled for. new. */
PT_API pt_error pt_package_load(const char* folder, const char* model, int64_t runners,
                                int32_t single_threaded, int32_t device_index,
                                pt_package* out_package);
PT_API void pt_package_free(pt_package package);

/* Three lists: the structures of inputs and outputs, as torch.export writes them; the names of the
 * constants; and those constants that are there, each as name, dtype (c10::ScalarType value),
 * sizes, strides: a package may have been compiled without its weights. Clear with pt_value_clear.
 */
PT_API pt_error pt_package_describe(pt_package package, pt_address out_description);

/* Runs the model on `count` tensors, which must have been checked: it checks nothing. out_outputs
 * is a list of tensors, None where the model returns none; clear with pt_value_clear. */
PT_API pt_error pt_package_run(int64_t mode, pt_package package, pt_address inputs, int32_t count,
                               pt_address out_outputs);

/* Copies the bytes of `count` tensors into the constants of these names, whose dtypes, sizes and
 * strides they must have: that is not checked. complete: a constant that is left out is an error.
 * Not while the model runs. */
PT_API pt_error pt_package_load_constants(pt_package package, const pt_address* names,
                                          pt_address tensors, int32_t count, int32_t complete);

PT_END_DECLS

#endif

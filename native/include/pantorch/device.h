/* Devices, through libtorch's device-agnostic interfaces: one library serves CPU, CUDA, MPS, XPU.
 */
#ifndef PANTORCH_DEVICE_H
#define PANTORCH_DEVICE_H

#include <pantorch/base.h>

PT_BEGIN_DECLS

/* How many devices of a type (c10::DeviceType value) can be used; 0 when there is none or libtorch
 * was built without it. */
PT_API int32_t pt_device_count(int32_t type);

/* The type of this libtorch's accelerator, or -1 when it has none that can be used. */
PT_API int32_t pt_device_accelerator(void);

/* The device's name as its driver gives it, or an empty text where libtorch offers none. free with
 * pt_free. */
PT_API pt_error pt_device_name(int32_t type, int32_t index, pt_address* out_name);

/* Waits until all work queued on the device is done. Nothing to do for the CPU. */
PT_API pt_error pt_device_synchronize(int32_t type, int32_t index);

/* The device that a type without index means in this thread, and a change of it. */
PT_API pt_error pt_device_current(int32_t type, int32_t* out_index);
PT_API pt_error pt_device_set_current(int32_t type, int32_t index);

PT_END_DECLS

#endif

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

/* What the caching allocator of an accelerator counts for a device. */
enum {
  PT_DEVICE_MEMORY_ALLOCATED = 0,      /* bytes that tensors hold */
  PT_DEVICE_MEMORY_PEAK_ALLOCATED = 1, /* the most that they held */
  PT_DEVICE_MEMORY_RESERVED = 2,       /* bytes held from the driver, cached ones too */
  PT_DEVICE_MEMORY_PEAK_RESERVED = 3,  /* the most that were held */
  PT_DEVICE_MEMORY_ALLOCATIONS = 4,    /* allocations that exist */
  PT_DEVICE_MEMORY_RETRIES = 5,        /* allocations that had to empty the cache first */
  PT_DEVICE_MEMORY_REFUSED = 6,        /* allocations that found no room even then */
  PT_DEVICE_MEMORY_STATS = 7
};

/* Writes PT_DEVICE_MEMORY_STATS int64 to `out`: zeros before the device was first used. Fails for a
 * device whose allocator counts nothing: the CPU's are in memory.h. */
PT_API pt_error pt_device_memory_stats(int32_t type, int32_t index, pt_address out);

/* Makes what is allocated and reserved now the peaks. */
PT_API pt_error pt_device_memory_reset_peak(int32_t type, int32_t index);

/* Gives the cached memory of all devices of a type back to the driver. */
PT_API pt_error pt_device_memory_empty_cache(int32_t type);

/* The bytes of a device that are free, by any process, and that it has. */
PT_API pt_error pt_device_memory_info(int32_t type, int32_t index, int64_t* out_free,
                                      int64_t* out_total);

PT_END_DECLS

#endif

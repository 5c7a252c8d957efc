package dev.pantorch;

/// What libtorch's caching allocator counts for one device; see {@link Accelerator#memoryStats}.
///
/// ```java
/// Torch.accelerator().ifPresent(gpu -> System.out.println(gpu.memoryStats(0).peak() + " bytes"));
/// ```
///
/// @param device which, `cuda:0`
/// @param allocated bytes that tensors hold
/// @param peak the most bytes that they held
/// @param reserved bytes held from the driver: allocated, cached, and rounding
/// @param peakReserved the most bytes that were held
/// @param allocations how many allocations exist
/// @param retries how many allocations had to empty the cache first
/// @param refused how many allocations found no room even then
public record AcceleratorMemory(
    String device,
    long allocated,
    long peak,
    long reserved,
    long peakReserved,
    long allocations,
    long retries,
    long refused) {}

#pragma once

#include <cstddef>

/// Under AddressSanitizer, free memory of the caching allocator is marked so that touching it is
/// reported.
#if defined(__SANITIZE_ADDRESS__)
#define PANTORCH_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define PANTORCH_ASAN 1
#endif
#endif

#if defined(PANTORCH_ASAN)
#include <sanitizer/asan_interface.h>
/// Marks a function that looks at memory which may not be its to read.
#define PANTORCH_NO_ASAN __attribute__((no_sanitize_address, noinline))
#else
#define PANTORCH_NO_ASAN
#endif

namespace pantorch::memory {

inline void poison([[maybe_unused]] void* address, [[maybe_unused]] size_t bytes) {
#if defined(PANTORCH_ASAN)
  __asan_poison_memory_region(address, bytes);
#endif
}

inline void unpoison([[maybe_unused]] void* address, [[maybe_unused]] size_t bytes) {
#if defined(PANTORCH_ASAN)
  __asan_unpoison_memory_region(address, bytes);
#endif
}

}  // namespace pantorch::memory

#pragma once

#include <cstddef>
#include <cstdint>

namespace pantorch::memory {

/// What the page heap asks of the operating system. Tests replace it to make allocation fail and
/// time pass.
struct System {
  void* (*map)(size_t bytes);                    ///< fresh zeroed pages, or nullptr
  bool (*unmap)(void* address, size_t bytes);    ///< ends a whole mapping; false if refused
  void (*discard)(void* address, size_t bytes);  ///< gives pages back, keeps their addresses usable
  int64_t (*now_ms)();                           ///< a monotonic clock

  static const System& native();
};

}  // namespace pantorch::memory

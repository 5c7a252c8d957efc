#pragma once

#include <atomic>
#include <cstdint>

namespace pantorch {

/// Writes to tensors that libtorch does not count in their versions: its fused optimizers write so.
/// Whoever keeps what follows from a tensor's values looks at this count as well.
inline std::atomic<uint64_t> hidden_writes{0};

/// Counts one as it ends, however it ends.
struct HiddenWrite {
  HiddenWrite() = default;
  ~HiddenWrite() { hidden_writes.fetch_add(1, std::memory_order_acq_rel); }
  HiddenWrite(const HiddenWrite&) = delete;
  HiddenWrite& operator=(const HiddenWrite&) = delete;
};

}  // namespace pantorch

#include "resize_checks.h"

#include <c10/core/SymIntArrayRef.h>
#include <c10/util/safe_numerics.h>

namespace pantorch::operators {

void check_resize(const at::Tensor& self, c10::SymIntArrayRef size,
                  std::optional<at::MemoryFormat>) {
  TORCH_CHECK_NOT_IMPLEMENTED(!self._is_zerotensor(),
                              "A tensor of zeros that has no memory cannot be resized");
  if (self.layout() != at::kStrided || !self.has_storage() || self.storage().resizable()) return;
  const auto sizes = C10_AS_INTARRAYREF_SLOW(size);
  // Negative sizes are libtorch's to refuse, which it does first.
  for (int64_t each : sizes) {
    if (each < 0) return;
  }
  uint64_t bytes = self.itemsize();
  bool overflow = false;
  uint64_t elements = 1;
  for (int64_t each : sizes) {
    overflow |= c10::mul_overflows(elements, static_cast<uint64_t>(each), &elements);
  }
  if (elements != 0) elements += self.storage_offset();
  overflow |= c10::mul_overflows(elements, bytes, &bytes);
  TORCH_CHECK(!overflow && bytes <= self.storage().nbytes(), "cannot resize a tensor of sizes ",
              self.sizes(), " to ", sizes,
              ": its memory is shared with Java and cannot move; clone() it first");
}

void check_resize_as(const at::Tensor& self, const at::Tensor& the_template,
                     std::optional<at::MemoryFormat> memory_format) {
  if (the_template.layout() != at::kStrided) return;
  check_resize(self, the_template.sym_sizes(), memory_format);
}

}  // namespace pantorch::operators

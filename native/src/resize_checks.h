#pragma once

/// Checks of resize_ and resize_as_, before the call.
///
/// libtorch changes the sizes first and then finds that a storage cannot grow, because Java shares
/// its memory: an error, but from then on the tensor reads past its memory. Python's numpy() leads
/// there as well. These checks refuse before anything is changed.

#include <ATen/core/Tensor.h>

#include <optional>

namespace pantorch::operators {

void check_resize(const at::Tensor& self, c10::SymIntArrayRef size,
                  std::optional<at::MemoryFormat> memory_format);

void check_resize_as(const at::Tensor& self, const at::Tensor& the_template,
                     std::optional<at::MemoryFormat> memory_format);

/// set_.source_Tensor_storage_offset: a source whose memory is there.
template <class... Rest>
void check_set(const at::Tensor& /*self*/, const at::Tensor& source, const Rest&... /*rest*/) {
  TORCH_CHECK_NOT_IMPLEMENTED(!source._is_zerotensor(),
                              "A tensor of zeros that has no memory cannot share it; clone() it");
}

}  // namespace pantorch::operators

#pragma once

/// Checks of resize_ and resize_as_, before the call.
///
/// libtorch changes the sizes first and then finds that a storage cannot grow, because Java shares
/// its memory: an error, but from then on the tensor reads past its memory. Python's numpy() leads
/// there as well. These checks refuse before anything is changed.

#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>

#include <optional>
#include <string_view>
#include <vector>

namespace pantorch::operators {

void check_resize(const at::Tensor& self, c10::SymIntArrayRef size,
                  std::optional<at::MemoryFormat> memory_format);

void check_resize_as(const at::Tensor& self, const at::Tensor& the_template,
                     std::optional<at::MemoryFormat> memory_format);

/// The same checks for the boxed dispatcher: `name` is "aten::resize_", the stack holds all
/// arguments in schema order. Does nothing for any other operator.
void check_resize(std::string_view name, const std::vector<c10::IValue>& stack);

}  // namespace pantorch::operators

#pragma once

/// What the generated functions do besides calling an operator, for the boxed dispatcher, by the
/// operator's name, such as "aten::lstm.input".

#include <ATen/core/ivalue.h>

#include <string_view>
#include <vector>

namespace pantorch::operators {

/// The check of the operator's arguments; the stack holds all of them in schema order. Does nothing
/// for an operator without a check.
void check_arguments(std::string_view name, const std::vector<c10::IValue>& stack);

/// Whether the operator writes to tensors without counting it in their versions.
bool writes_uncounted(std::string_view name);

}  // namespace pantorch::operators

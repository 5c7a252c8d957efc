#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace pantorch {

/// One generated operator.
struct OperatorEntry {
  /// "aten::add.Tensor"
  const char* name;
  /// The whole schema, "aten::add.Tensor(Tensor self, ...) -> Tensor"
  const char* schema;
  /// Reads the arguments from the slots, calls libtorch and overwrites the slots with the results,
  /// from the first on. Throws what libtorch throws; the slots are then as they were.
  void (*call)(int64_t* slots);
};

/// The generated operator of this name, or null.
const OperatorEntry* find_operator(std::string_view qualified_name);

/// How many operators are generated.
size_t operator_count();

/// The operators in the order of their names; null from operator_count() on.
const OperatorEntry* operator_at(size_t index);

}  // namespace pantorch

#include "boxed_checks.h"

#include <algorithm>
#include <iterator>

#include "argument_checks.h"
#include "further_checks.h"
#include "gradient_checks.h"
#include "layout_checks.h"
#include "recurrent_checks.h"
#include "resize_checks.h"
#include "slots.h"

namespace pantorch::operators {

namespace {

using Stack = std::vector<c10::IValue>;

/// An argument taken off the stack as what the operator takes.
template <class T>
struct Unboxed {
  T value;
  Unboxed(const Stack& stack, size_t index) : value(stack.at(index).to<T>()) {}
  const T& get() const { return value; }
};
/// Borrowed, as from a slot.
template <>
struct Unboxed<at::Tensor> {
  const at::Tensor& tensor;
  Unboxed(const Stack& stack, size_t index) : tensor(stack.at(index).toTensor()) {}
  const at::Tensor& get() const { return tensor; }
};
/// A view of a copy, for lists.
template <class View, class Copy>
struct UnboxedView {
  Copy copy;
  UnboxedView(const Stack& stack, size_t index) : copy(stack.at(index).to<Copy>()) {}
  View get() { return copy; }
};
template <>
struct Unboxed<at::TensorList> : UnboxedView<at::TensorList, std::vector<at::Tensor>> {
  using UnboxedView::UnboxedView;
};
template <>
struct Unboxed<at::IntArrayRef> : UnboxedView<at::IntArrayRef, std::vector<int64_t>> {
  using UnboxedView::UnboxedView;
};
template <>
struct Unboxed<c10::SymIntArrayRef> : UnboxedView<c10::SymIntArrayRef, std::vector<c10::SymInt>> {
  using UnboxedView::UnboxedView;
};
template <>
struct Unboxed<at::OptionalSymIntArrayRef>
    : UnboxedView<at::OptionalSymIntArrayRef, at::OptionalArray<c10::SymInt>> {
  using UnboxedView::UnboxedView;
};
/// Of numbers of any kinds.
template <>
struct Unboxed<Scalars> {
  Scalars scalars;
  Unboxed(const Stack& stack, size_t index) {
    for (const c10::IValue& value : stack.at(index).toListRef()) {
      scalars.values.push_back(value.toScalar());
    }
  }
  const Scalars& get() const { return scalars; }
};

struct BoxedEntry {
  /// "aten::lstm.input"
  std::string_view name;
  /// Null for an operator that is not checked.
  void (*check)(const Stack&);
  bool writes_uncounted;
};

#include "boxed_table.inc"

const BoxedEntry* find_entry(std::string_view name) {
  const BoxedEntry* found = std::lower_bound(
      std::begin(kBoxedEntries), std::end(kBoxedEntries), name,
      [](const BoxedEntry& entry, std::string_view wanted) { return entry.name < wanted; });
  return found != std::end(kBoxedEntries) && found->name == name ? found : nullptr;
}

/// No header of libtorch declares these. The weights of a quantized layer are packed objects, which
/// check what they are multiplied with; only the counts of a packed sequence are read unchecked.
bool is_quantized_packed(std::string_view name) {
  return name == "aten::quantized_lstm.data" || name == "aten::quantized_lstm.data_legacy" ||
         name == "aten::quantized_gru.data" || name == "aten::quantized_gru.data_legacy";
}

}  // namespace

void check_arguments(std::string_view name, const Stack& stack) {
  const BoxedEntry* entry = find_entry(name);
  if (entry != nullptr && entry->check != nullptr) {
    entry->check(stack);
  } else if (is_quantized_packed(name)) {
    const at::Tensor& data = stack.at(0).toTensor();
    check_batch_sizes(stack.at(1).toTensor(), data.dim() > 0 ? data.size(0) : 0);
  }
}

bool writes_uncounted(std::string_view name) {
  const BoxedEntry* entry = find_entry(name);
  return entry != nullptr && entry->writes_uncounted;
}

}  // namespace pantorch::operators

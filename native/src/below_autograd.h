#pragma once

/// libtorch's front end, left out where it would do nothing.
///
/// `at::_ops::NAME::call` gathers the dispatch keys of all tensors and of the thread, arrives at
/// the operator's autograd kernel, which finds that nothing wants a gradient, excludes autograd for
/// what the kernel calls, and dispatches again. For tensors without a graph, in a thread whose
/// modes call for nothing in between, this goes to the last station at once: a one-element addition
/// takes 484 ns instead of 566.

#include <ATen/core/LegacyTypeDispatch.h>
#include <ATen/core/Tensor.h>
#include <c10/core/GradMode.h>
#include <c10/core/impl/LocalDispatchKeySet.h>

#include <optional>

#include "dispatch_keys.h"

namespace pantorch::operators {

/// Whether a call with these tensors may be redispatched below autograd, and the keys for it. While
/// it may, autograd is excluded on this thread, as its own kernels do it. Only for operators that
/// change nothing, return no views and have a kernel of their own, or are made of such.
class BelowAutograd {
 public:
  /// Tensors, which may be null, and lists of such.
  template <class... Arguments>
  explicit BelowAutograd(const Arguments&... arguments) {
    if ((admit(arguments) && ...) && !keys_.empty() && nothing_in_between()) excluded_.emplace();
  }

  explicit operator bool() const { return excluded_.has_value(); }
  c10::DispatchKeySet keys() const { return keys_; }

 private:
  bool admit(const at::Tensor& tensor) {
    const at::TensorImpl* impl = tensor.unsafeGetTensorImpl();
    if (impl == nullptr) return true;
    const c10::DispatchKeySet keys = impl->key_set() - kFrontEnd;
    if (keys_.empty()) {
      if (keys != c10::DispatchKeySet(c10::DispatchKey::CPU) &&
          keys != c10::DispatchKeySet(c10::DispatchKey::CUDA)) {
        return false;
      }
      keys_ = keys;
    }
    return keys == keys_ && (impl->autograd_meta() == nullptr || !is_differentiated(tensor));
  }

  bool admit(at::TensorList tensors) {
    for (const at::Tensor& tensor : tensors) {
      if (!admit(tensor)) return false;
    }
    return true;
  }

  /// By either mode of differentiation.
  static bool is_differentiated(const at::Tensor& tensor) {
    return (tensor.requires_grad() && c10::GradMode::is_enabled()) ||
           tensor._fw_grad(/*level=*/0).defined();
  }

  /// Autocast, traces and transformations add keys, or let them through, above autograd or below.
  static bool nothing_in_between() {
    const c10::impl::LocalDispatchKeySet local = c10::impl::tls_local_dispatch_key_set();
    return (local.included_ - c10::default_included_set).empty() &&
           local.excluded_ - c10::autograd_dispatch_keyset_with_ADInplaceOrView ==
               c10::default_excluded_set;
  }

  c10::DispatchKeySet keys_;
  std::optional<at::AutoDispatchBelowADInplaceOrView> excluded_;
};

}  // namespace pantorch::operators

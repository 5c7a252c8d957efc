// When a call may go past libtorch's front end, and that no kernel stands in between where it may.
#include "below_autograd.h"

#include <ATen/autocast_mode.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/ops/add.h>
#include <ATen/ops/add_ops.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/layer_norm_ops.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/linear_ops.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/log_softmax_ops.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/matmul_ops.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/softmax_ops.h>
#include <c10/core/InferenceMode.h>

#include <array>
#include <thread>
#include <vector>

#include "expect.h"
#include "slots.h"

using pantorch::operators::BelowAutograd;

namespace {

bool is_excluded() {
  return c10::impl::tls_is_dispatch_key_excluded(c10::DispatchKey::ADInplaceOrView);
}

template <class... Arguments>
bool admits(const Arguments&... arguments) {
  return static_cast<bool>(BelowAutograd(arguments...));
}

void should_exclude_autograd_for_as_long_as_it_lives() {
  const at::Tensor a = at::ones({2});
  {
    const BelowAutograd below(a, a);
    EXPECT(below);
    EXPECT(is_excluded());
    EXPECT(below.keys() == c10::DispatchKeySet(c10::DispatchKey::CPU));
    EXPECT(at::_ops::add_Tensor::redispatch(below.keys(), a, a, 1).equal(at::add(a, a)));
  }
  EXPECT(!is_excluded());
}

void should_look_at_every_tensor() {
  const at::Tensor plain = at::ones({2});
  const at::Tensor wanted = at::ones({2}).requires_grad_();
  const at::Tensor result = at::add(wanted, plain);
  const at::Tensor view = result.slice(0, 1);
  for (const at::Tensor& tensor : {wanted, result, view}) {
    EXPECT(!admits(tensor));
    EXPECT(!admits(plain, tensor));
    EXPECT(!admits(at::TensorList({plain, tensor})));
    EXPECT(!is_excluded());
  }
  EXPECT(admits(plain.slice(0, 1), wanted.detach()));
}

void should_take_tensors_that_want_gradients_where_none_are_recorded() {
  const at::Tensor wanted = at::ones({2}).requires_grad_();
  {
    const c10::AutoGradMode off(false);
    EXPECT(admits(wanted, at::add(wanted, wanted)));
  }
  EXPECT(!admits(wanted));
}

void should_leave_out_what_is_absent() {
  const at::Tensor plain = at::ones({2});
  int64_t none = 0;
  const at::Tensor& absent = pantorch::operators::tensor(&none);
  EXPECT(admits(absent, plain));
  EXPECT(admits(at::TensorList({plain, plain}), absent));
  EXPECT(!admits(absent));
  EXPECT(!admits(at::TensorList()));
  EXPECT(!admits(at::Tensor(), plain));
}

void should_leave_all_but_plain_tensors_to_the_front_end() {
  const at::Tensor plain = at::ones({2, 2});
  const at::Tensor complex = at::ones({2, 2}, at::kComplexFloat);
  EXPECT(admits(complex));
  EXPECT(!admits(complex.conj()));
  EXPECT(!admits(plain._neg_view()));
  EXPECT(!admits(plain.to_sparse()));
  EXPECT(!admits(at::empty({2, 2}, at::kMeta)));
  EXPECT(!admits(plain, at::empty({2, 2}, at::kMeta)));
}

void should_heed_the_modes_of_the_thread() {
  const at::Tensor plain = at::ones({2});
  {
    const c10::InferenceMode inference;
    const at::Tensor made = at::ones({2});
    EXPECT(admits(plain, made));
  }
  at::autocast::set_autocast_enabled(at::kCPU, true);
  EXPECT(!admits(plain));
  at::autocast::set_autocast_enabled(at::kCPU, false);
  EXPECT(admits(plain));
  {
    const c10::impl::IncludeDispatchKeyGuard tracing(c10::DispatchKey::Tracer);
    EXPECT(!admits(plain));
  }
  {
    const c10::impl::IncludeDispatchKeyGuard batched(
        c10::DispatchKey::FuncTorchDynamicLayerFrontMode);
    EXPECT(!admits(plain));
  }
  EXPECT(admits(plain));
}

/// What a call would be told apart by: numbers, changes counted, views.
void expect_same(const at::Tensor& below, const at::Tensor& above) {
  EXPECT(below.equal(above));
  EXPECT(below._version() == above._version());
  EXPECT(below.is_view() == above.is_view());
}

// The operators of others that CppWriter calls past the front end as a whole.
void should_leave_no_trace_in_operators_made_of_others() {
  const at::Tensor a = at::arange(12, at::kFloat).reshape({3, 4});
  const at::Tensor b = at::arange(8, at::kFloat).reshape({2, 4});
  const at::Tensor bias = at::ones({2});
  const at::Tensor weight = at::ones({4});
  const BelowAutograd below(a, b, bias, weight);
  const auto keys = below.keys();
  const auto above = [](auto&& call) {
    std::optional<at::Tensor> result;
    std::thread([&] { result = call(); }).join();  // a thread whose autograd is not excluded
    return *result;
  };
  namespace ops = at::_ops;
  expect_same(ops::linear::redispatch(keys, a, b, bias),
              above([&] { return at::linear(a, b, bias); }));
  expect_same(ops::linear::redispatch(keys, a, b, {}), above([&] { return at::linear(a, b); }));
  expect_same(ops::matmul::redispatch(keys, a, b.t()), above([&] { return at::matmul(a, b.t()); }));
  for (const std::optional<at::ScalarType> dtype :
       {std::optional<at::ScalarType>(), {at::kDouble}}) {
    expect_same(ops::softmax_int::redispatch(keys, a, 1, dtype),
                above([&] { return at::softmax(a, 1, dtype); }));
    expect_same(ops::log_softmax_int::redispatch(keys, a, 1, dtype),
                above([&] { return at::log_softmax(a, 1, dtype); }));
  }
  expect_same(ops::layer_norm::redispatch(keys, a, {4}, weight, {}, 1e-5, true),
              above([&] { return at::layer_norm(a, {4}, weight); }));
}

// What CppWriter calls past the front end, in terms of the dispatcher.
bool is_called_below(const c10::OperatorHandle& op) {
  if (op.operator_name().name.rfind("aten::", 0) != 0) return false;
  bool takes_tensors = false;
  for (const c10::Argument& argument : op.schema().arguments()) {
    if (argument.alias_info() != nullptr || argument.name() == "device") return false;
    takes_tensors |= argument.type()->isSubtypeOf(*c10::TensorType::get()) ||
                     argument.type()->isSubtypeOf(*c10::ListType::ofTensors()) ||
                     argument.type()->isSubtypeOf(*c10::OptionalType::ofTensor());
  }
  for (const c10::Argument& result : op.schema().returns()) {
    if (result.alias_info() != nullptr) return false;
  }
  return takes_tensors &&
         !op.hasKernelForDispatchKey(c10::DispatchKey::CompositeImplicitAutograd) &&
         (op.hasKernelForDispatchKey(c10::DispatchKey::CPU) ||
          op.hasKernelForDispatchKey(c10::DispatchKey::CompositeExplicitAutograd));
}

// Only autograd and autocast have kernels between the front end and that of a plain tensor.
void should_skip_no_other_kernel() {
  constexpr std::array kBetween = {c10::DispatchKey::BackendSelect,
                                   c10::DispatchKey::ADInplaceOrView};
  int seen = 0;
  for (const c10::OperatorName& name : c10::Dispatcher::singleton().getAllOpNames()) {
    const auto op = c10::Dispatcher::singleton().findSchema(name);
    if (!op || !is_called_below(*op)) continue;
    ++seen;
    for (const c10::DispatchKey key : kBetween) {
      if (!op->hasKernelForDispatchKey(key)) continue;
      std::fprintf(stderr, "%s.%s has a kernel for %s\n", name.name.c_str(),
                   name.overload_name.c_str(), c10::toString(key));
      std::exit(1);
    }
  }
  EXPECT(seen > 500);
}

}  // namespace

int main() {
  should_exclude_autograd_for_as_long_as_it_lives();
  should_look_at_every_tensor();
  should_take_tensors_that_want_gradients_where_none_are_recorded();
  should_leave_out_what_is_absent();
  should_leave_all_but_plain_tensors_to_the_front_end();
  should_heed_the_modes_of_the_thread();
  should_leave_no_trace_in_operators_made_of_others();
  should_skip_no_other_kernel();
}

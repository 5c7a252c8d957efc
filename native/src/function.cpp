#include <pantorch/function.h>
#include <torch/csrc/autograd/anomaly_mode.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/csrc/autograd/engine.h>
#include <torch/csrc/autograd/functions/basic_ops.h>
#include <torch/csrc/autograd/saved_variable.h>

#include <unordered_set>

#include "callbacks.h"

using namespace pantorch;
using torch::autograd::Node;
using torch::autograd::SavedVariable;
using torch::autograd::variable_list;
using torch::autograd::VariableInfo;

namespace {

std::atomic<pt_backward_callback> backward_callback{nullptr};
std::atomic<pt_pack_callback> pack_callback{nullptr};
std::atomic<pt_unpack_callback> unpack_callback{nullptr};
std::atomic<pt_stack_callback> stack_callback{nullptr};
std::atomic<pt_describe_callback> describe_callback{nullptr};

std::vector<pt_tensor> handles_of(const variable_list& tensors) {
  std::vector<pt_tensor> handles;
  handles.reserve(tensors.size());
  for (const at::Tensor& t : tensors) {
    handles.push_back(t.defined() ? reinterpret_cast<pt_tensor>(t.unsafeGetTensorImpl()) : 0);
  }
  return handles;
}

// Gradients that must not be differentiated again: whoever tries is told so.
variable_list differentiable_once(variable_list grads) {
  for (at::Tensor& grad : grads) {
    if (grad.defined()) grad = grad.detach().set_requires_grad(true);
  }
  return (*c10::make_intrusive<torch::autograd::DelayedError>(
      "trying to differentiate twice a function that was marked with @once_differentiable",
      static_cast<int64_t>(grads.size())))(std::move(grads));
}

struct CallerFunction : Node {
  CallerFunction(int64_t c, const char* n, int32_t f)
      : context(own_context(c)), caller_name(n), flags(f) {}

  std::string name() const override { return caller_name; }

  variable_list apply(variable_list&& grads) override {
    at::OptionalDeviceGuard device;
    if ((flags & PT_FUNCTION_MATERIALIZE_GRADS) != 0) {
      for (size_t i = 0; i < grads.size(); ++i) {
        if (!grads[i].defined()) grads[i] = output_info[i].zeros(device);
      }
    }
    const bool once = (flags & PT_FUNCTION_ONCE_DIFFERENTIABLE) != 0;
    // As in Python: what does not depend on a gradient with a graph of its own needs no warning.
    const bool differentiated =
        at::GradMode::is_enabled() && torch::autograd::any_variable_requires_grad(grads);
    const variable_list tensors = unpacked();
    const auto grad_handles = handles_of(grads);
    const auto saved_handles = handles_of(tensors);
    std::vector<pt_tensor> out(next_edges().size(), 0);
    {
      at::AutoGradMode mode(at::GradMode::is_enabled() && !once);
      call_back([&](int64_t observed) {
        return backward_callback.load()(*context, observed,
                                        reinterpret_cast<pt_address>(grad_handles.data()),
                                        reinterpret_cast<pt_address>(saved_handles.data()),
                                        reinterpret_cast<pt_address>(out.data()));
      });
    }
    variable_list results;
    results.reserve(out.size());
    for (pt_tensor handle : out) results.push_back(adopt(handle));
    return once && differentiated ? differentiable_once(std::move(results)) : results;
  }

  variable_list unpacked() {
    std::lock_guard<std::mutex> lock(mutex_);
    TORCH_CHECK(!released, torch::autograd::ERR_BACKWARD_TWICE);
    variable_list tensors;
    tensors.reserve(saved.size());
    for (const SavedVariable& each : saved) tensors.push_back(each.unpack(getptr()));
    return tensors;
  }

  void release_variables() override {
    std::lock_guard<std::mutex> lock(mutex_);
    released = !saved.empty();
    saved.clear();
  }

  std::shared_ptr<int64_t> context;
  std::string caller_name;
  int32_t flags;
  std::vector<SavedVariable> saved;
  std::vector<VariableInfo> output_info;
  bool released = false;
};

std::unordered_set<at::TensorImpl*> set_of(pt_address handles, int32_t count) {
  const auto* first = reinterpret_cast<at::TensorImpl* const*>(handles);
  return {first, first + count};
}

// What a graph saves, in the caller's keeping.
struct PackedTensor : torch::autograd::SavedVariableHooks {
  void call_pack_hook(const at::Tensor& tensor) override {
    call_back([&](int64_t mode) {
      int64_t number = 0;
      const int64_t failure =
          pack_callback.load()(mode, reinterpret_cast<pt_tensor>(tensor.unsafeGetTensorImpl()),
                               reinterpret_cast<pt_address>(&number));
      if (failure == 0) packed = own_context(number);
      return failure;
    });
  }

  at::Tensor call_unpack_hook() override {
    pt_tensor tensor = 0;
    call_back([&](int64_t mode) {
      return unpack_callback.load()(*packed, mode, reinterpret_cast<pt_address>(&tensor));
    });
    return adopt(tensor);
  }

  std::shared_ptr<int64_t> packed;
};

struct CallerStack : torch::autograd::AnomalyMetadata {
  void store_stack() override { stack = own_context(stack_callback.load()()); }

  void print_stack(const std::string& node) override {
    if (stack) describe_callback.load()(*stack, node.c_str(), 0);
    for (c10::intrusive_ptr<Node> p = parent; p;) {
      auto* metadata = dynamic_cast<CallerStack*>(p->metadata());
      if (metadata == nullptr) return;
      if (metadata->stack) describe_callback.load()(*metadata->stack, p->name().c_str(), 1);
      p = metadata->parent;
    }
  }

  void assign_parent(const c10::intrusive_ptr<Node>& node) override { parent = node; }

  std::shared_ptr<int64_t> stack;
  c10::intrusive_ptr<Node> parent;
};

// The engine asks these two of the host language.
struct CallerEngine : torch::autograd::Engine {
  std::unique_ptr<torch::autograd::AnomalyMetadata> make_anomaly_metadata() override {
    if (stack_callback.load() == nullptr) return Engine::make_anomaly_metadata();
    return std::make_unique<CallerStack>();
  }

  std::unique_ptr<torch::autograd::SavedVariableHooks> get_default_saved_variable_hooks() override {
    return told.mode != kNeverApplied && (told.mode & PT_MODE_SAVED_TENSOR_HOOKS) != 0
               ? std::make_unique<PackedTensor>()
               : nullptr;
  }
};

// Never destroyed: its threads may outlive the statics of this library.
torch::autograd::Engine& engine() {
  static auto* instance = new CallerEngine;
  return *instance;
}

// Before any backward pass: libtorch starts threads once a process, those of the engine that runs
// first, and another one reads through a null pointer where it would need its own.
[[maybe_unused]] const bool engine_is_set = [] {
  torch::autograd::set_default_engine_stub(engine);
  return true;
}();

}  // namespace

void pt_function_set_callbacks(pt_backward_callback backward, pt_pack_callback pack,
                               pt_unpack_callback unpack, pt_stack_callback stack,
                               pt_describe_callback describe) {
  backward_callback = backward;
  pack_callback = pack;
  unpack_callback = unpack;
  stack_callback = stack;
  describe_callback = describe;
}

pt_error pt_function_apply(int64_t mode, int64_t context, const char* name, int32_t flags,
                           pt_address inputs, int32_t input_count, pt_address outputs,
                           int32_t output_count, pt_address dirty, int32_t dirty_count,
                           pt_address non_differentiable, int32_t non_differentiable_count,
                           pt_address saved, int32_t saved_count, pt_address out_outputs) {
  return guard([&] {
    apply_mode(mode);
    auto node = c10::make_intrusive<CallerFunction>(context, name, flags);
    const variable_list in = borrow_all(inputs, input_count);
    const bool recorded =
        at::GradMode::is_enabled() && torch::autograd::any_variable_requires_grad(in);
    if (recorded) node->set_next_edges(torch::autograd::collect_next_edges(in));
    node->clear_input_metadata();
    const variable_list changed = borrow_all(dirty, dirty_count);
    for (const at::Tensor& t : changed) t.unsafeGetTensorImpl()->bump_version();
    std::vector<std::optional<at::Tensor>> raw;
    raw.reserve(output_count);
    for (at::Tensor& t : borrow_all(outputs, output_count)) raw.emplace_back(std::move(t));
    auto results = torch::autograd::_wrap_outputs(
        in, set_of(non_differentiable, non_differentiable_count), set_of(dirty, dirty_count), raw,
        recorded ? c10::intrusive_ptr<Node>(node) : nullptr,
        [](const variable_list&, const variable_list&) -> variable_list {
          C10_THROW_ERROR(NotImplementedError,
                          "forward-mode derivatives of a custom function are not supported");
        },
        {}, [](const at::Tensor& x) { return x.view_as(x); }, false);
    if (recorded) {
      for (const auto& result : results) node->output_info.emplace_back(*result);
      for (const at::Tensor& t : borrow_all(saved, saved_count)) {
        node->saved.emplace_back(t, t.grad_fn().get() == node.get());
      }
    }
    auto* out = reinterpret_cast<pt_tensor*>(out_outputs);
    for (size_t i = 0; i < results.size(); ++i) out[i] = release(std::move(*results[i]));
  });
}

#include <pantorch/autograd.h>
#include <torch/csrc/autograd/anomaly_mode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/function_hook.h>
#include <torch/csrc/autograd/variable.h>

#include "callbacks.h"

using namespace pantorch;

namespace pantorch {

std::atomic<void (*)(int64_t)> release_context{nullptr};

std::shared_ptr<int64_t> own_context(int64_t context) {
  return {new int64_t(context), [](int64_t* c) {
            if (auto callback = release_context.load()) callback(*c);
            delete c;
          }};
}

}  // namespace pantorch

namespace {

std::atomic<pt_hook_callback> invoke_hook{nullptr};

at::Tensor call_hook(int64_t context, const at::TensorBase& grad) {
  pt_tensor replacement = 0;
  call_back([&](int64_t mode) {
    return invoke_hook.load()(context, mode,
                              reinterpret_cast<pt_tensor>(grad.unsafeGetTensorImpl()),
                              reinterpret_cast<pt_address>(&replacement));
  });
  return adopt(replacement);
}

struct PostAccumulateHook : torch::autograd::PostAccumulateGradHook {
  explicit PostAccumulateHook(int64_t c) : context(own_context(c)) {}
  void operator()(const torch::autograd::Variable& tensor) override { call_hook(*context, tensor); }
  std::shared_ptr<int64_t> context;
};

std::optional<bool> retain(int32_t flag) {
  return flag < 0 ? std::nullopt : std::optional<bool>(flag != 0);
}

}  // namespace

pt_error pt_tensor_set_requires_grad(pt_tensor tensor, int64_t requires_grad) {
  return guard([&] {
    const at::Tensor& t = borrow(tensor);
    TORCH_CHECK(
        t.is_leaf() || requires_grad != 0,
        "you can only change requires_grad flags of leaf variables. To use a computed tensor "
        "in a part of the graph that needs no gradients, use detach().");
    t.set_requires_grad(requires_grad != 0);
  });
}

pt_error pt_tensor_grad(pt_tensor tensor, pt_tensor* out_grad) {
  return guard([&] {
    const at::Tensor& grad = borrow(tensor).grad();
    *out_grad = grad.defined() ? release(grad) : 0;
  });
}

pt_error pt_tensor_set_grad(pt_tensor tensor, pt_tensor grad) {
  return guard([&] {
    const at::Tensor& t = borrow(tensor);
    if (grad == 0) {
      t.mutable_grad().reset();
      return;
    }
    const at::Tensor& g = borrow(grad);
    TORCH_CHECK_TYPE(g.scalar_type() == t.scalar_type(), "assigned grad has dtype ",
                     g.scalar_type(), ", but the tensor has dtype ", t.scalar_type());
    TORCH_CHECK(g.device() == t.device(), "assigned grad is on device ", g.device(),
                ", but the tensor is on device ", t.device());
    TORCH_CHECK(g.sizes() == t.sizes(), "assigned grad has shape ", g.sizes(),
                ", but the tensor has shape ", t.sizes());
    TORCH_CHECK(!g.is_same(t), "a tensor cannot be its own gradient");
    t.mutable_grad() = g;
  });
}

pt_error pt_tensor_retain_grad(pt_tensor tensor) {
  return guard([&] { borrow(tensor).retain_grad(); });
}

pt_error pt_tensors_zero_grad(int64_t mode, pt_address tensors, int64_t count, int32_t to_none) {
  return guard([&] {
    apply_mode(mode);
    const auto* first = reinterpret_cast<const pt_tensor*>(tensors);
    for (int64_t i = 0; i < count; ++i) {
      at::Tensor& grad = borrow(first[i]).mutable_grad();
      if (!grad.defined()) continue;
      if (to_none != 0) {
        grad.reset();
      } else {
        if (grad.grad_fn()) {
          grad.detach_();
        } else {
          grad.requires_grad_(false);
        }
        grad.zero_();
      }
    }
  });
}

pt_error pt_tensor_grad_fn_name(pt_tensor tensor, pt_address* out_name) {
  return guard([&] {
    const auto& function = borrow(tensor).grad_fn();
    *out_name = function ? copy_text(function->name()) : 0;
  });
}

pt_error pt_tensor_version(pt_tensor tensor, int64_t* out_version) {
  return guard([&] { *out_version = borrow(tensor)._version(); });
}

pt_error pt_autograd_backward(int64_t mode, pt_address tensors, pt_address grads, int32_t count,
                              pt_address inputs, int32_t input_count, int32_t retain_graph,
                              int32_t create_graph) {
  return guard([&] {
    apply_mode(mode);
    torch::autograd::backward(borrow_all(tensors, count), borrow_all(grads, count),
                              retain(retain_graph), create_graph != 0,
                              borrow_all(inputs, input_count));
  });
}

pt_error pt_autograd_grad(int64_t mode, pt_address outputs, pt_address grads, int32_t output_count,
                          pt_address inputs, int32_t input_count, int32_t retain_graph,
                          int32_t create_graph, int32_t allow_unused, pt_address out_grads) {
  return guard([&] {
    apply_mode(mode);
    auto results =
        torch::autograd::grad(borrow_all(outputs, output_count), borrow_all(inputs, input_count),
                              borrow_all(grads, output_count), retain(retain_graph),
                              create_graph != 0, allow_unused != 0);
    auto* out = reinterpret_cast<pt_tensor*>(out_grads);
    for (size_t i = 0; i < results.size(); ++i) {
      out[i] = results[i].defined() ? release(std::move(results[i])) : 0;
    }
  });
}

void pt_autograd_set_hook_callbacks(pt_hook_callback invoke, void (*release)(int64_t context)) {
  invoke_hook = invoke;
  release_context = release;
}

pt_error pt_tensor_register_hook(pt_tensor tensor, int64_t context, int64_t* out_id) {
  return guard([&] {
    auto shared = own_context(context);
    *out_id = borrow(tensor).register_hook(
        [shared](const at::Tensor& grad) -> at::Tensor { return call_hook(*shared, grad); });
  });
}

pt_error pt_tensor_remove_hook(pt_tensor tensor, int64_t id) {
  return guard([&] { borrow(tensor).remove_hook(static_cast<unsigned>(id)); });
}

pt_error pt_tensor_set_post_accumulate_hook(pt_tensor tensor, int64_t context) {
  return guard([&] {
    const at::Tensor& t = borrow(tensor);
    TORCH_CHECK(t.requires_grad() && t.is_leaf(),
                "a post-accumulate hook goes on a leaf tensor that requires grad");
    torch::autograd::impl::set_post_acc_grad_hooks(
        t, context == 0 ? nullptr : std::make_unique<PostAccumulateHook>(context));
  });
}

void pt_autograd_set_anomaly_mode(int32_t enabled, int32_t check_nan) {
  torch::autograd::AnomalyMode::set_enabled(enabled != 0, check_nan != 0);
}

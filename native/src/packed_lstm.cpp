#include <ATen/Context.h>
#include <ATen/TracerMode.h>
#include <ATen/autocast_mode.h>
#include <ATen/core/DimVector.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/mkldnn_rnn_layer.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>
#include <c10/core/InferenceMode.h>
#include <pantorch/lstm.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <mutex>

#include "hidden_writes.h"
#include "slots.h"
#include "support.h"

using namespace pantorch;

namespace {

constexpr int64_t kLstmMode = 2;  // oneDNN's number
constexpr int64_t kGates = 4;

/// How the layers of an LSTM are stacked.
struct Layout {
  int64_t num_layers;
  bool has_biases;
  bool bidirectional;

  int64_t directions() const { return bidirectional ? 2 : 1; }
  int64_t cells() const { return num_layers * directions(); }
  int64_t per_cell() const { return has_biases ? 4 : 2; }
  bool operator==(const Layout&) const = default;
};

/// A weight as it was when it was packed. It does not keep the weight alive, but its addresses from
/// being used again.
class Source {
 public:
  explicit Source(const at::Tensor& weight)
      : tensor_(weight.getIntrusivePtr()),
        storage_(weight.storage().getWeakStorageImpl()),
        data_(weight.const_data_ptr()),
        sizes_(weight.sizes()),
        version_(weight.unsafeGetTensorImpl()->version_counter().current_version()) {}

  bool is(const at::Tensor& weight) const {
    return weight.unsafeGetTensorImpl() == tensor_._unsafe_get_target();
  }

  bool is_unchanged(const at::Tensor& weight) const {
    at::TensorImpl* impl = weight.unsafeGetTensorImpl();
    return !impl->is_inference() && impl->version_counter().current_version() == version_ &&
           impl->has_storage() &&
           impl->unsafe_storage().unsafeGetStorageImpl() == storage_._unsafe_get_target() &&
           impl->data() == data_ && impl->sizes() == sizes_ && impl->is_contiguous();
  }

 private:
  c10::weak_intrusive_ptr<at::TensorImpl, at::UndefinedTensorImpl> tensor_;
  c10::weak_intrusive_ptr<c10::StorageImpl> storage_;
  const void* data_;
  at::DimVector sizes_;
  int64_t version_;
};

using Reorder = std::vector<at::Tensor>(at::Tensor, at::Tensor, int64_t, bool, bool, bool,
                                        c10::OptionalArrayRef<int64_t>);

/// oneDNN's own operator, which libtorch has where it was built with oneDNN.
const std::optional<c10::TypedOperatorHandle<Reorder>>& reorder() {
  static const auto found = [] {
    const auto handle =
        c10::Dispatcher::singleton().findSchema({"mkldnn::_reorder_mkldnn_rnn_layer_weight", ""});
    return handle ? std::optional(handle->typed<Reorder>()) : std::nullopt;
  }();
  return found;
}

bool is_packable(const at::Tensor& weight, at::IntArrayRef sizes) {
  // Changes of inference tensors are not counted.
  return is_plain_float32(weight) && !weight.is_inference() && weight.is_contiguous() &&
         weight.sizes() == sizes;
}

/// Whether these are the weights of an LSTM without projections, each of its size.
bool are_packable(at::TensorList params, const Layout& layout) {
  if (!at::hasMKLDNN() || !reorder()) return false;
  if (std::ssize(params) != layout.cells() * layout.per_cell()) return false;
  if (!params[0].defined() || !params[1].defined()) return false;
  if (params[0].dim() != 2 || params[1].dim() != 2) return false;
  const int64_t hidden = params[1].size(1);
  const int64_t rows = kGates * hidden;
  int64_t features = params[0].size(1);
  for (int64_t cell = 0; cell < layout.cells(); ++cell) {
    if (cell == layout.directions()) features = hidden * layout.directions();
    const at::Tensor* first = params.data() + cell * layout.per_cell();
    if (!is_packable(first[0], {rows, features}) || !is_packable(first[1], {rows, hidden}) ||
        (layout.has_biases && (!is_packable(first[2], {rows}) || !is_packable(first[3], {rows})))) {
      return false;
    }
  }
  return true;
}

/// The packed weights; never changed once they are made.
class Packing {
 public:
  Packing(at::TensorList params, const Layout& layout)
      : layout_(layout),
        hidden_writes_(hidden_writes.load(std::memory_order_acquire)),
        input_size_(params[0].size(1)),
        hidden_size_(params[1].size(1)) {
    sources_.reserve(params.size());
    for (const at::Tensor& weight : params) sources_.emplace_back(weight);
    // Made by whichever call comes first, for calls in any mode.
    const c10::InferenceMode no_inference(false);
    const at::NoGradGuard no_grad;
    const at::tracer::impl::NoTracerDispatchMode no_trace;
    for (int64_t cell = 0; cell < layout.cells(); ++cell) {
      const at::Tensor* first = params.data() + cell * layout.per_cell();
      auto packed = reorder()->call(first[0], first[1], hidden_size_, is_reverse(cell),
                                    layout.has_biases, /*batch_first=*/false, std::nullopt);
      TORCH_CHECK(packed.size() == 2, "expected two packed weights, got ", packed.size());
      weights_.push_back(std::move(packed[0]));
      weights_.push_back(std::move(packed[1]));
    }
  }

  /// Whether it was made of these tensors.
  bool is_of(at::TensorList params, const Layout& layout) const {
    return layout == layout_ &&
           std::equal(
               sources_.begin(), sources_.end(), params.begin(), params.end(),
               [](const Source& source, const at::Tensor& weight) { return source.is(weight); });
  }

  /// Whether the tensors it was made of have not changed since.
  bool is_current(at::TensorList params) const {
    return hidden_writes.load(std::memory_order_acquire) == hidden_writes_ &&
           std::equal(sources_.begin(), sources_.end(), params.begin(), params.end(),
                      [](const Source& source, const at::Tensor& weight) {
                        return source.is_unchanged(weight);
                      });
  }

  /// Whether the kernels can read these, whose sizes they do not check.
  bool takes(const at::Tensor& input, const at::Tensor& hx, const at::Tensor& cx,
             bool batch_first) const {
    if (!is_plain_float32(input) || input.dim() != 3 || input.numel() == 0) return false;
    const int64_t batch = input.size(batch_first ? 0 : 1);
    const auto is_state = [&](const at::Tensor& state) {
      return is_plain_float32(state) &&
             state.sizes() == at::IntArrayRef({layout_.cells(), batch, hidden_size_});
    };
    return input.size(2) == input_size_ && hx.defined() == cx.defined() &&
           (!hx.defined() || (is_state(hx) && is_state(cx)));
  }

  /// The calls that aten::lstm makes.
  std::tuple<at::Tensor, at::Tensor, at::Tensor> run(at::TensorList params, const at::Tensor& input,
                                                     const at::Tensor& hx, const at::Tensor& cx,
                                                     bool batch_first) const {
    at::Tensor steps = (batch_first ? input.transpose(0, 1) : input).contiguous();
    const at::Tensor zeros =
        hx.defined() ? at::Tensor() : at::zeros({steps.size(1), hidden_size_}, input.options());
    const at::Tensor all_h = hx.defined() ? hx.contiguous() : hx;
    const at::Tensor all_c = cx.defined() ? cx.contiguous() : cx;
    std::vector<at::Tensor> outputs(layout_.directions());
    std::vector<at::Tensor> hy(layout_.cells());
    std::vector<at::Tensor> cy(layout_.cells());
    for (int64_t cell = 0; cell < layout_.cells(); ++cell) {
      const at::Tensor* first = params.data() + cell * layout_.per_cell();
      // Without biases the last two are not read.
      const at::Tensor& bias_ih = first[layout_.has_biases ? 2 : 0];
      const at::Tensor& bias_hh = first[layout_.has_biases ? 3 : 1];
      const int64_t direction = cell % layout_.directions();
      at::Tensor workspace;
      std::tie(outputs[direction], hy[cell], cy[cell], workspace) = at::mkldnn_rnn_layer(
          steps, weights_[2 * cell], weights_[2 * cell + 1], bias_ih, bias_hh,
          hx.defined() ? all_h.select(0, cell) : zeros,
          cx.defined() ? all_c.select(0, cell) : zeros, is_reverse(cell), /*batch_sizes=*/{},
          kLstmMode, hidden_size_, layout_.num_layers, layout_.has_biases, layout_.bidirectional,
          batch_first, /*train=*/false);
      if (direction == layout_.directions() - 1) {
        steps = layout_.bidirectional ? at::cat(outputs, -1) : outputs[0];
      }
    }
    return {batch_first ? steps.transpose(0, 1) : steps, at::stack(hy), at::stack(cy)};
  }

 private:
  bool is_reverse(int64_t cell) const { return cell % layout_.directions() == 1; }

  Layout layout_;
  uint64_t hidden_writes_;
  int64_t input_size_;
  int64_t hidden_size_;
  std::vector<Source> sources_;
  std::vector<at::Tensor> weights_;
};

/// Room for a packing. Calls that are under way keep the one they have begun with.
class PackedLstm {
 public:
  std::shared_ptr<const Packing> pack(at::TensorList params, const Layout& layout) {
    const std::lock_guard<std::mutex> guard(mutex_);
    renew(params, layout);
    return packing_;
  }

  /// The packing of these weights as they are now; null where they are not packed: other tensors
  /// stand in for them, or they became such as cannot be packed.
  std::shared_ptr<const Packing> of(at::TensorList params, const Layout& layout) {
    const std::lock_guard<std::mutex> guard(mutex_);
    if (packing_ == nullptr || !packing_->is_of(params, layout)) return nullptr;
    if (!packing_->is_current(params)) renew(params, layout);
    return packing_;
  }

  void clear() {
    std::shared_ptr<const Packing> freed;
    const std::lock_guard<std::mutex> guard(mutex_);
    packing_.swap(freed);
  }

 private:
  void renew(at::TensorList params, const Layout& layout) {
    packing_.reset();
    if (are_packable(params, layout)) packing_ = std::make_shared<const Packing>(params, layout);
  }

  std::mutex mutex_;
  std::shared_ptr<const Packing> packing_;
};

PackedLstm& packed_lstm(pt_packed_lstm handle) { return *reinterpret_cast<PackedLstm*>(handle); }

/// Whether aten::lstm computes in this thread's mode what is computed for packed weights. While
/// gradients may be recorded it takes oneDNN's kernels for training, whose last bits differ, even
/// where no tensor requires any.
bool is_inference_mode() {
  return !at::GradMode::is_enabled() && at::globalContext().userEnabledMkldnn() &&
         !at::tracer::impl::is_dispatch_enabled() && !at::autocast::is_autocast_enabled(at::kCPU);
}

/// The packet of both calls, from its first argument on.
struct Packet {
  int64_t* slots;
  at::TensorList params = operators::read<at::TensorList>(slots);
  Layout layout{slots[2], slots[3] != 0, slots[4] != 0};

  static Packet of(pt_address frame) {
    auto* slots = reinterpret_cast<int64_t*>(frame);
    apply_mode(slots[0]);
    return {slots + 1};
  }
};

}  // namespace

pt_packed_lstm pt_packed_lstm_create(void) {
  return reinterpret_cast<pt_packed_lstm>(new PackedLstm);
}

void pt_packed_lstm_free(pt_packed_lstm packed) { delete &packed_lstm(packed); }

void pt_packed_lstm_clear(pt_packed_lstm packed) { packed_lstm(packed).clear(); }

pt_error pt_packed_lstm_pack(pt_packed_lstm packed, pt_address frame) {
  return guard([&] {
    const Packet packet = Packet::of(frame);
    packet.slots[0] = packed_lstm(packed).pack(packet.params, packet.layout) != nullptr;
  });
}

pt_error pt_packed_lstm_forward(pt_packed_lstm packed, pt_address frame) {
  return guard([&] {
    const Packet packet = Packet::of(frame);
    const bool batch_first = packet.slots[5] != 0;
    const at::Tensor& input = operators::tensor(packet.slots + 6);
    const at::Tensor hx = borrow_or_undefined(packet.slots[7]);
    const at::Tensor cx = borrow_or_undefined(packet.slots[8]);
    std::shared_ptr<const Packing> packing;
    if (is_inference_mode()) packing = packed_lstm(packed).of(packet.params, packet.layout);
    if (packing == nullptr || !packing->takes(input, hx, cx, batch_first)) {
      std::fill_n(packet.slots, 3, 0);
      return;
    }
    operators::write_results(packet.slots, packing->run(packet.params, input, hx, cx, batch_first));
  });
}

// What every translation unit of the shim uses: the one exception gate, handles, the mode word.
#pragma once

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>
#include <pantorch/base.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "dispatch_keys.h"

namespace pantorch {

// Turns the exception being handled into an error object. Call it only inside a catch block.
pt_error current_exception_to_error() noexcept;

// Thrown to carry the failure of a callback through libtorch, the autograd engine for instance.
struct CallbackError : std::exception {
  explicit CallbackError(int64_t failure) : id(failure) {}
  const char* what() const noexcept override { return "a callback failed"; }
  int64_t id;
};

// Thrown for an operator name that this library does not know.
struct UnknownOperator : std::exception {
  explicit UnknownOperator(std::string text) : message(std::move(text)) {}
  const char* what() const noexcept override { return message.c_str(); }
  std::string message;
};

// Every fallible function runs its body through this gate, so that nothing crosses the C boundary.
template <class Body>
inline pt_error guard(Body&& body) noexcept {
  try {
    body();
    return 0;
  } catch (...) {
    return current_exception_to_error();
  }
}

inline const at::Tensor& borrow(const pt_tensor& handle) {
  static_assert(sizeof(at::Tensor) == sizeof(pt_tensor));
  return *reinterpret_cast<const at::Tensor*>(&handle);
}

inline const at::Generator& borrow_generator(const pt_generator& handle) {
  static_assert(sizeof(at::Generator) == sizeof(pt_generator));
  return *reinterpret_cast<const at::Generator*>(&handle);
}

inline pt_tensor release(at::Tensor tensor) {
  return reinterpret_cast<pt_tensor>(tensor.unsafeReleaseTensorImpl());
}

// Takes over a reference; 0 stands for no tensor.
inline at::Tensor adopt(pt_tensor handle) {
  if (handle == 0) return {};
  return at::Tensor(c10::intrusive_ptr<at::TensorImpl, at::UndefinedTensorImpl>::reclaim(
      reinterpret_cast<at::TensorImpl*>(handle)));
}

// float32 in plain memory of the CPU, and nothing that calls of operators treat in another way: no
// view of negated numbers, no nested tensor.
inline bool is_plain_float32(const at::Tensor& tensor) {
  return tensor.defined() && tensor.scalar_type() == at::kFloat &&
         tensor.key_set() - kFrontEnd == c10::DispatchKeySet(c10::DispatchKey::CPU);
}

// For optional arguments, where 0 stands for no tensor.
inline at::Tensor borrow_or_undefined(pt_tensor handle) {
  return handle == 0 ? at::Tensor() : borrow(handle);
}

inline std::vector<at::Tensor> borrow_all(pt_address handles, int64_t count) {
  const auto* first = reinterpret_cast<const pt_tensor*>(handles);
  std::vector<at::Tensor> tensors;
  tensors.reserve(count);
  for (int64_t i = 0; i < count; ++i) tensors.push_back(borrow_or_undefined(first[i]));
  return tensors;
}

// Memory that the caller frees with pt_free.
inline void* allocate(size_t bytes) {
  void* memory = std::malloc(bytes == 0 ? 1 : bytes);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

inline pt_address copy_text(std::string_view text) {
  auto* copy = static_cast<char*>(allocate(text.size() + 1));
  std::memcpy(copy, text.data(), text.size());
  copy[text.size()] = '\0';
  return reinterpret_cast<pt_address>(copy);
}

// What this native thread was last told of what libtorch and OpenMP keep per native thread.
struct Told {
  int64_t mode;
  int64_t times_threads_set;
};

// One address to find, and no initialiser to ask for.
extern constinit thread_local Told told;

// What told.mode is until the thread's first call: no mode word equals it.
constexpr int64_t kNeverApplied = -1;

// How often the number of threads of an operator has been set.
extern std::atomic<int64_t> times_threads_set;

void change_mode(int64_t mode);
void set_num_threads(int count);
void hear_num_threads();

// OpenMP and MKL keep the number of threads of an operator per native thread. libtorch tells a
// thread of it once, when one of its own loops first runs there: oneDNN's and MKL's take all cores
// until then.
inline void follow_num_threads() {
  if (told.times_threads_set != times_threads_set.load(std::memory_order_relaxed)) [[unlikely]]
    hear_num_threads();
}

// Java's threads carry their modes with them. The word last applied to this native thread is
// compared first, so that an unchanged mode costs one comparison.
inline void apply_mode(int64_t mode) {
  if (told.mode != mode) [[unlikely]]
    change_mode(mode);
  follow_num_threads();
}

// The dtype that autocast converts to on a kind of device unless a mode word says otherwise.
at::ScalarType default_autocast_dtype(at::DeviceType type);

// libtorch keeps its warning handler per native thread.
void install_warning_handler();

// The mode word that describes this native thread as libtorch has it now, inside a backward pass
// for instance, where the engine sets the grad mode by itself.
int64_t observed_mode();

// Runs a callback that may call back into this library in other modes, and restores this thread's.
class ModeRestore {
 public:
  ModeRestore();
  ~ModeRestore();
  ModeRestore(const ModeRestore&) = delete;
  ModeRestore& operator=(const ModeRestore&) = delete;
  int64_t observed() const { return observed_; }

 private:
  int64_t applied_;
  int64_t observed_;
};

}  // namespace pantorch

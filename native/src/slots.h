#pragma once

/// The arguments and results of an operator in 8-byte slots, as pantorch/op.h says (Java's
/// CallFrame writes them). A handle is a TensorImpl* (GeneratorImpl*) that the caller keeps alive
/// during the call.

#include <ATen/core/Generator.h>
#include <ATen/core/List.h>
#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>
#include <c10/core/Layout.h>
#include <c10/core/MemoryFormat.h>
#include <c10/core/Scalar.h>
#include <c10/core/ScalarType.h>
#include <c10/core/SymInt.h>
#include <c10/core/SymIntArrayRef.h>
#include <c10/util/OptionalArrayRef.h>

#include <array>
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace pantorch::operators {

enum ScalarTag : int64_t { kIntScalar = 0, kDoubleScalar = 1, kBoolScalar = 2, kComplexScalar = 3 };
constexpr int kScalarSlots = 3;

static_assert(sizeof(at::Tensor) == sizeof(int64_t), "a handle is borrowed as an at::Tensor");
static_assert(sizeof(c10::SymInt) == sizeof(int64_t), "an array of int64_t is read as SymInts");

/// The tensor whose handle lies in the slot, without taking a reference.
inline at::Tensor& tensor(int64_t* slot) { return *reinterpret_cast<at::Tensor*>(slot); }

template <class T>
struct Slot;

/// The argument of type T that begins at this slot.
template <class T>
T read(int64_t* slot) {
  return Slot<T>::read(slot);
}

template <class T>
at::ArrayRef<T> read_array(const int64_t* slot) {
  return at::ArrayRef<T>(reinterpret_cast<const T*>(slot[0]), static_cast<size_t>(slot[1]));
}

/// An enumerator of c10, refused where libtorch would index a table with it.
template <class Enum, Enum kEnd>
struct EnumSlot {
  static Enum read(const int64_t* slot) {
    TORCH_CHECK_VALUE(slot[0] >= 0 && slot[0] < static_cast<int64_t>(kEnd),
                      "no such dtype, layout or memory format: ", slot[0]);
    return static_cast<Enum>(slot[0]);
  }
};

template <>
struct Slot<int64_t> {
  static int64_t read(const int64_t* slot) { return slot[0]; }
};
template <>
struct Slot<c10::SymInt> {
  static c10::SymInt read(const int64_t* slot) { return c10::SymInt(slot[0]); }
};
template <>
struct Slot<bool> {
  static bool read(const int64_t* slot) { return slot[0] != 0; }
};
template <>
struct Slot<double> {
  static double read(const int64_t* slot) { return std::bit_cast<double>(slot[0]); }
};
template <>
struct Slot<at::ScalarType> : EnumSlot<at::ScalarType, at::ScalarType::NumOptions> {};
template <>
struct Slot<at::Layout> : EnumSlot<at::Layout, at::Layout::NumOptions> {};
template <>
struct Slot<at::MemoryFormat> : EnumSlot<at::MemoryFormat, at::MemoryFormat::NumOptions> {};

template <>
struct Slot<at::Scalar> {
  static at::Scalar read(const int64_t* slot) {
    switch (slot[0]) {
      case kIntScalar:
        return at::Scalar(slot[1]);
      case kDoubleScalar:
        return at::Scalar(std::bit_cast<double>(slot[1]));
      case kBoolScalar:
        return at::Scalar(slot[1] != 0);
      case kComplexScalar:
        return at::Scalar(
            c10::complex<double>(std::bit_cast<double>(slot[1]), std::bit_cast<double>(slot[2])));
      default:
        TORCH_CHECK_VALUE(false, "no such kind of number: ", slot[0]);
    }
  }
};

template <>
struct Slot<at::Device> {
  static at::Device read(const int64_t* slot) {
    TORCH_CHECK_VALUE(slot[0] >= 0 && slot[0] < static_cast<int64_t>(
                                                    at::DeviceType::COMPILE_TIME_MAX_DEVICE_TYPES),
                      "no such device type: ", slot[0]);
    TORCH_CHECK_VALUE(slot[1] >= -1 && slot[1] <= INT8_MAX, "no such device index: ", slot[1]);
    return at::Device(static_cast<at::DeviceType>(slot[0]), static_cast<at::DeviceIndex>(slot[1]));
  }
};

template <>
struct Slot<std::string_view> {
  static std::string_view read(const int64_t* slot) {
    return std::string_view(reinterpret_cast<const char*>(slot[0]), static_cast<size_t>(slot[1]));
  }
};

template <>
struct Slot<at::ArrayRef<int64_t>> {
  static at::ArrayRef<int64_t> read(const int64_t* slot) { return read_array<int64_t>(slot); }
};
template <>
struct Slot<at::ArrayRef<double>> {
  static at::ArrayRef<double> read(const int64_t* slot) { return read_array<double>(slot); }
};
/// An array of handles is an array of tensors as it stands.
template <>
struct Slot<at::TensorList> {
  static at::TensorList read(const int64_t* slot) { return read_array<at::Tensor>(slot); }
};
template <>
struct Slot<c10::SymIntArrayRef> {
  static c10::SymIntArrayRef read(const int64_t* slot) {
    return c10::fromIntArrayRefSlow(read_array<int64_t>(slot));
  }
};
template <size_t kSize>
struct Slot<std::array<bool, kSize>> {
  static std::array<bool, kSize> read(const int64_t* slot) {
    auto bytes = read_array<int8_t>(slot);
    TORCH_CHECK_VALUE(bytes.size() == kSize, "expected ", kSize, " booleans, got ", bytes.size());
    std::array<bool, kSize> values;
    for (size_t i = 0; i < kSize; i++) {
      values[i] = bytes[i] != 0;
    }
    return values;
  }
};
template <>
struct Slot<c10::List<std::optional<at::Tensor>>> {
  static c10::List<std::optional<at::Tensor>> read(const int64_t* slot) {
    auto handles = read_array<int64_t>(slot);
    c10::List<std::optional<at::Tensor>> values;
    values.reserve(handles.size());
    for (const int64_t& handle : handles) {
      values.push_back(handle != 0 ? std::optional(reinterpret_cast<const at::Tensor&>(handle))
                                   : std::nullopt);
    }
    return values;
  }
};

/// Scalars are the one list whose elements are not laid out as libtorch's: it reads a copy, which
/// lives until the call's full expression ends.
struct Scalars {
  std::vector<at::Scalar> values;
  operator at::ArrayRef<at::Scalar>() const { return values; }
};
template <>
struct Slot<Scalars> {
  static Scalars read(const int64_t* slot) {
    auto slots = reinterpret_cast<const int64_t*>(slot[0]);
    Scalars scalars;
    scalars.values.reserve(static_cast<size_t>(slot[1]));
    for (int64_t i = 0; i < slot[1]; i++) {
      scalars.values.push_back(Slot<at::Scalar>::read(slots + i * kScalarSlots));
    }
    return scalars;
  }
};

template <class T>
struct Slot<std::optional<T>> {
  static std::optional<T> read(const int64_t* slot) {
    return slot[0] != 0 ? std::optional<T>(Slot<T>::read(slot + 1)) : std::nullopt;
  }
};
template <>
struct Slot<std::optional<at::Tensor>> {
  static std::optional<at::Tensor> read(const int64_t* slot) {
    return slot[0] != 0 ? std::optional(*reinterpret_cast<const at::Tensor*>(slot)) : std::nullopt;
  }
};
template <>
struct Slot<std::optional<at::Generator>> {
  static std::optional<at::Generator> read(const int64_t* slot) {
    if (slot[0] == 0) {
      return std::nullopt;
    }
    return at::Generator(c10::intrusive_ptr<c10::GeneratorImpl>::reclaim_copy(
        reinterpret_cast<c10::GeneratorImpl*>(slot[0])));
  }
};
template <>
struct Slot<at::OptionalIntArrayRef> {
  static at::OptionalIntArrayRef read(const int64_t* slot) {
    return Slot<std::optional<at::ArrayRef<int64_t>>>::read(slot);
  }
};
template <>
struct Slot<at::OptionalSymIntArrayRef> {
  static at::OptionalSymIntArrayRef read(const int64_t* slot) {
    return Slot<std::optional<c10::SymIntArrayRef>>::read(slot);
  }
};

/// The handle of a new reference, with PT_RESULT_LIGHT set where it is true.
int64_t result_handle(at::Tensor value);

/// Writes one result and returns how many slots it took. Results are taken by value: an in-place
/// operator returns a reference to the very slot that is written.
inline int write_result(int64_t* slot, at::Tensor value) {
  slot[0] = result_handle(std::move(value));
  return 1;
}
inline int write_result(int64_t* slot, int64_t value) {
  slot[0] = value;
  return 1;
}
inline int write_result(int64_t* slot, const c10::SymInt& value) {
  slot[0] = value.guard_int(__FILE__, __LINE__);
  return 1;
}
inline int write_result(int64_t* slot, bool value) {
  slot[0] = value ? 1 : 0;
  return 1;
}
inline int write_result(int64_t* slot, double value) {
  slot[0] = std::bit_cast<int64_t>(value);
  return 1;
}
inline int write_result(int64_t* slot, at::ScalarType value) {
  slot[0] = static_cast<int64_t>(value);
  return 1;
}
inline int write_result(int64_t* slot, const at::Scalar& value) {
  slot[1] = slot[2] = 0;
  if (value.isComplex()) {
    auto complex = value.toComplexDouble();
    slot[0] = kComplexScalar;
    slot[1] = std::bit_cast<int64_t>(complex.real());
    slot[2] = std::bit_cast<int64_t>(complex.imag());
  } else if (value.isBoolean()) {
    slot[0] = kBoolScalar;
    slot[1] = value.toBool() ? 1 : 0;
  } else if (value.isFloatingPoint()) {
    slot[0] = kDoubleScalar;
    slot[1] = std::bit_cast<int64_t>(value.toDouble());
  } else {
    slot[0] = kIntScalar;
    slot[1] = value.toLong();
  }
  return kScalarSlots;
}
/// The array of handles belongs to the caller, who frees it with free().
inline int write_result(int64_t* slot, std::vector<at::Tensor> values) {
  // One byte at least: malloc(0) may give null, which would read as a failed allocation.
  auto handles = static_cast<int64_t*>(std::malloc(values.size() * sizeof(int64_t) + 1));
  if (handles == nullptr) {
    throw std::bad_alloc();
  }
  for (size_t i = 0; i < values.size(); i++) {
    handles[i] = reinterpret_cast<int64_t>(values[i].unsafeReleaseTensorImpl());
  }
  slot[0] = reinterpret_cast<int64_t>(handles);
  slot[1] = static_cast<int64_t>(values.size());
  return 2;
}

/// Writes an operator's result, or each of its results in turn, from the first slot on.
template <class T>
void write_results(int64_t* slots, T&& value) {
  write_result(slots, std::forward<T>(value));
}
template <class... T>
void write_results(int64_t* slots, std::tuple<T...> values) {
  std::apply(
      [slots](auto&... value) mutable { ((slots += write_result(slots, std::move(value))), ...); },
      values);
}

}  // namespace pantorch::operators

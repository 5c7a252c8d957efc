// IValues, libtorch's dynamic values, as the tagged values of op.h.
#pragma once

#include <ATen/core/ivalue.h>
#include <ATen/core/jit_type.h>
#include <pantorch/op.h>

#include <vector>

namespace pantorch {

// Follows the expected type where the same value can mean several things; what does not fit is
// passed as it is, and the schema check words the error.
c10::IValue to_ivalue(const pt_value& value, const c10::TypePtr& expected);

// What is new in the value is the caller's to free.
pt_value from_ivalue(const c10::IValue& value);

// A tuple of the values.
pt_value from_ivalues(const std::vector<c10::IValue>& values);

// Values that this library makes by itself, to be given away.
pt_value make_string(std::string_view text);
inline pt_value make_int(int64_t number) { return {PT_VALUE_INT, number, 0}; }
inline pt_value make_bool(bool truth) { return {PT_VALUE_BOOL, truth ? 1 : 0, 0}; }
inline pt_value make_none() { return {PT_VALUE_NONE, 0, 0}; }
pt_value make_list(const std::vector<pt_value>& items);

void free_value(const pt_value& value);

inline const c10::IValue& borrow_object(pt_object handle) {
  return *reinterpret_cast<const c10::IValue*>(handle);
}

inline pt_object release_object(c10::IValue value) {
  return reinterpret_cast<pt_object>(new c10::IValue(std::move(value)));
}

}  // namespace pantorch

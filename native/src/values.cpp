#include "values.h"

#include <ATen/core/enum_type.h>
#include <ATen/core/function_schema.h>

#include <algorithm>
#include <bit>

#include "support.h"

namespace pantorch {

using c10::IValue;
using c10::TypeKind;
using c10::TypePtr;

namespace {

const pt_value* children(const pt_value& value) {
  return reinterpret_cast<const pt_value*>(value.a);
}

// What a list's elements, or a map's keys and values, are when the schema does not say: what the
// first one is.
TypePtr type_of_child(const pt_value& container, int64_t index) {
  if (index >= container.b || children(container)[index].kind == PT_VALUE_NONE) {
    return c10::AnyType::get();
  }
  return c10::unshapedType(to_ivalue(children(container)[index], c10::AnyType::get()).type());
}

IValue to_list(const pt_value& value, const TypePtr& elements) {
  c10::impl::GenericList list(elements);
  list.reserve(value.b);
  for (int64_t i = 0; i < value.b; ++i) list.push_back(to_ivalue(children(value)[i], elements));
  return list;
}

IValue to_dict(const pt_value& value, const TypePtr& keys, const TypePtr& values) {
  c10::impl::GenericDict dict(keys, values);
  for (int64_t i = 0; i + 1 < value.b; i += 2) {
    dict.insert(to_ivalue(children(value)[i], keys), to_ivalue(children(value)[i + 1], values));
  }
  return dict;
}

// `step` 2 skips the names of a named tuple's fields, of which the first follows its type's.
IValue to_tuple(const pt_value& value, const TypePtr& expected, int64_t first, int64_t step) {
  const auto tuple = expected->cast<c10::TupleType>();
  const auto known = tuple ? tuple->elements().size() : 0;
  std::vector<IValue> parts;
  for (int64_t i = first; i < value.b; i += step) {
    parts.push_back(to_ivalue(children(value)[i], parts.size() < known
                                                      ? tuple->elements()[parts.size()]
                                                      : c10::AnyType::get()));
  }
  if (tuple && tuple->schema() && parts.size() == known) {
    return c10::ivalue::Tuple::createNamed(std::move(parts), tuple);
  }
  return c10::ivalue::Tuple::create(std::move(parts));
}

std::string text_of(const pt_value& value) {
  return {reinterpret_cast<const char*>(value.a), static_cast<size_t>(value.b)};
}

// An enum's member is found by name in the type that is expected.
IValue to_enum(const pt_value& value, const TypePtr& expected) {
  const std::string name = text_of(children(value)[1]);
  const auto type = expected->cast<c10::EnumType>();
  TORCH_CHECK_TYPE(type, "'", name, "' of enum ", text_of(children(value)[0]),
                   " was given where a ", expected->repr_str(), " is expected");
  for (const auto& [member, content] : type->enumNamesValues()) {
    if (member == name) {
      return IValue(c10::make_intrusive<c10::ivalue::EnumHolder>(type, member, content));
    }
  }
  TORCH_CHECK_VALUE(false, "enum ", type->repr_str(), " has no member '", name, "'");
}

}  // namespace

IValue to_ivalue(const pt_value& value, const TypePtr& expected) {
  if (value.kind == PT_VALUE_NONE) return {};
  if (const auto optional = expected->cast<c10::OptionalType>()) {
    return to_ivalue(value, optional->getElementType());
  }
  switch (value.kind) {
    case PT_VALUE_TENSOR:
      return borrow(value.a);
    case PT_VALUE_INT:
      if (expected->kind() == TypeKind::FloatType) return static_cast<double>(value.a);
      return value.a;
    case PT_VALUE_DOUBLE:
      return std::bit_cast<double>(value.a);
    case PT_VALUE_BOOL:
      return value.a != 0;
    case PT_VALUE_COMPLEX:
      return c10::complex<double>(std::bit_cast<double>(value.a), std::bit_cast<double>(value.b));
    case PT_VALUE_STRING:
      return text_of(value);
    case PT_VALUE_DEVICE:
      return at::Device(static_cast<at::DeviceType>(value.a),
                        static_cast<at::DeviceIndex>(value.b));
    case PT_VALUE_GENERATOR:
      return borrow_generator(value.a);
    case PT_VALUE_LIST:
      if (const auto list = expected->cast<c10::ListType>()) {
        return to_list(value, list->getElementType());
      }
      if (expected->kind() == TypeKind::TupleType) return to_tuple(value, expected, 0, 1);
      return to_list(value, type_of_child(value, 0));
    case PT_VALUE_TUPLE:
      return to_tuple(value, expected, 0, 1);
    case PT_VALUE_NAMED_TUPLE:
      return to_tuple(value, expected, 2, 2);
    case PT_VALUE_ENUM:
      return to_enum(value, expected);
    case PT_VALUE_OBJECT:
      return borrow_object(value.a);
    case PT_VALUE_DICT:
      if (const auto dict = expected->cast<c10::DictType>()) {
        return to_dict(value, dict->getKeyType(), dict->getValueType());
      }
      return to_dict(value, type_of_child(value, 0), type_of_child(value, 1));
    default:
      TORCH_CHECK_TYPE(false, "a value of kind ", value.kind, " cannot be passed to an operator");
  }
}

namespace {

pt_value make_children(int64_t kind, const std::vector<pt_value>& items) {
  auto* out = static_cast<pt_value*>(allocate(items.size() * sizeof(pt_value)));
  std::copy(items.begin(), items.end(), out);
  return {kind, reinterpret_cast<pt_address>(out), static_cast<int64_t>(items.size())};
}

template <class Range>
pt_value from_children(int64_t kind, const Range& range, size_t count) {
  auto* out = static_cast<pt_value*>(allocate(count * sizeof(pt_value)));
  size_t i = 0;
  for (const IValue& child : range) out[i++] = from_ivalue(child);
  return {kind, reinterpret_cast<pt_address>(out), static_cast<int64_t>(count)};
}

pt_value from_enum(const c10::ivalue::EnumHolder& member) {
  return make_children(PT_VALUE_ENUM, {make_string(member.qualifiedClassName()),
                                       make_string(member.name()), from_ivalue(member.value())});
}

pt_value from_tuple(const c10::ivalue::Tuple& tuple) {
  const auto& elements = tuple.elements();
  const auto type = tuple.type();
  if (!type->schema()) return from_children(PT_VALUE_TUPLE, elements, elements.size());
  std::vector<pt_value> fields{make_string(type->name() ? type->name()->qualifiedName() : "")};
  const auto& arguments = type->schema()->arguments();
  for (size_t i = 0; i < elements.size(); ++i) {
    fields.push_back(make_string(arguments[i].name()));
    fields.push_back(from_ivalue(elements[i]));
  }
  return make_children(PT_VALUE_NAMED_TUPLE, fields);
}

}  // namespace

pt_value make_string(std::string_view text) {
  return {PT_VALUE_STRING, copy_text(text), static_cast<int64_t>(text.size())};
}

pt_value make_list(const std::vector<pt_value>& items) {
  return make_children(PT_VALUE_LIST, items);
}

pt_value from_ivalues(const std::vector<IValue>& values) {
  return from_children(PT_VALUE_TUPLE, values, values.size());
}

pt_value from_ivalue(const IValue& value) {
  if (value.isNone()) return {PT_VALUE_NONE, 0, 0};
  if (value.isTensor()) return {PT_VALUE_TENSOR, release(value.toTensor()), 0};
  if (value.isInt()) return {PT_VALUE_INT, value.toInt(), 0};
  if (value.isDouble()) return {PT_VALUE_DOUBLE, std::bit_cast<int64_t>(value.toDouble()), 0};
  if (value.isBool()) return {PT_VALUE_BOOL, value.toBool() ? 1 : 0, 0};
  if (value.isComplexDouble()) {
    const auto number = value.toComplexDouble();
    return {PT_VALUE_COMPLEX, std::bit_cast<int64_t>(number.real()),
            std::bit_cast<int64_t>(number.imag())};
  }
  if (value.isSymInt()) return {PT_VALUE_INT, value.toSymInt().guard_int(__FILE__, __LINE__), 0};
  if (value.isString()) {
    return make_string(value.toStringRef());
  }
  if (value.isDevice()) {
    return {PT_VALUE_DEVICE, static_cast<int64_t>(value.toDevice().type()),
            value.toDevice().index()};
  }
  if (value.isList()) {
    // GenericList's iterator yields proxies; the vector is what can be walked.
    const auto items = value.toListRef().vec();
    return from_children(PT_VALUE_LIST, items, items.size());
  }
  if (value.isTuple()) return from_tuple(value.toTupleRef());
  if (value.isGenericDict()) {
    std::vector<IValue> entries;
    for (const auto& entry : value.toGenericDict()) {
      entries.push_back(entry.key());
      entries.push_back(entry.value());
    }
    return from_children(PT_VALUE_DICT, entries, entries.size());
  }
  if (value.isEnum()) return from_enum(*value.toEnumHolder());
  if (value.isFuture()) {
    value.toFuture()->waitAndThrow();
    return from_ivalue(value.toFuture()->value());
  }
  return {PT_VALUE_OBJECT, release_object(value), 0};
}

void free_value(const pt_value& value) {
  switch (value.kind) {
    case PT_VALUE_TENSOR:
      c10::intrusive_ptr<at::TensorImpl, at::UndefinedTensorImpl>::reclaim(
          reinterpret_cast<at::TensorImpl*>(value.a))
          .reset();
      break;
    case PT_VALUE_LIST:
    case PT_VALUE_TUPLE:
    case PT_VALUE_DICT:
    case PT_VALUE_NAMED_TUPLE:
    case PT_VALUE_ENUM:
      for (int64_t i = 0; i < value.b; ++i) free_value(children(value)[i]);
      [[fallthrough]];
    case PT_VALUE_STRING:
      std::free(reinterpret_cast<void*>(value.a));
      break;
    case PT_VALUE_OBJECT:
      pt_object_free(value.a);
      break;
    default:
      break;
  }
}

}  // namespace pantorch

using pantorch::borrow_object;
using pantorch::guard;

void pt_values_free(pt_address values, int32_t count) {
  const auto* first = reinterpret_cast<const pt_value*>(values);
  for (int32_t i = 0; i < count; ++i) pantorch::free_value(first[i]);
  std::free(reinterpret_cast<void*>(values));
}

void pt_value_clear(pt_address value) {
  pantorch::free_value(*reinterpret_cast<const pt_value*>(value));
}

void pt_object_free(pt_object object) {
  if (object != 0) delete reinterpret_cast<c10::IValue*>(object);
}

pt_error pt_object_type(pt_object object, pt_address* out_name) {
  return guard([&] {
    const auto type = borrow_object(object).type();
    const auto named = type->cast<c10::NamedType>();
    *out_name = pantorch::copy_text(named && named->name() ? named->name()->qualifiedName()
                                                           : type->repr_str());
  });
}

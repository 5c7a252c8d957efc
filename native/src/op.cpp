#include <pantorch/op.h>

#include "operators.h"
#include "support.h"

using namespace pantorch;

namespace {
const OperatorEntry& entry_of(pt_op op) { return *reinterpret_cast<const OperatorEntry*>(op); }
}  // namespace

pt_error pt_op_find(pt_address name, pt_address out_op) {
  return guard([&] {
    const auto* text = reinterpret_cast<const char*>(name);
    const OperatorEntry* entry = find_operator(text);
    if (entry == nullptr) {
      throw UnknownOperator(std::string("no generated operator is called '") + text + "'");
    }
    *reinterpret_cast<pt_op*>(out_op) = reinterpret_cast<pt_op>(entry);
  });
}

const char* pt_op_schema(pt_op op) { return entry_of(op).schema; }

pt_error pt_op_call(pt_op op, pt_address frame) {
  return guard([&] {
    auto* slots = reinterpret_cast<int64_t*>(frame);
    apply_mode(slots[0]);
    entry_of(op).call(slots + 1);
  });
}

int32_t pt_op_count(void) { return static_cast<int32_t>(operator_count()); }

// Callbacks that the caller sets when somebody first needs them: pt_runtime_await_need.
#pragma once

#include <cstdint>

namespace pantorch {

// From now on somebody is expected to wait in pt_runtime_await_need.
void expect_callbacks_on_demand();

// Asks for a callback (PT_NEED_*) and waits until it is set; false if nobody is expected to set it.
bool demand_callback(int64_t need);

void callback_was_set(int64_t need);

}  // namespace pantorch

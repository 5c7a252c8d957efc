#include "on_demand.h"

#include <pantorch/runtime.h>

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "support.h"

using namespace pantorch;

namespace {

constexpr std::chrono::seconds kPatience{10};

struct State {
  std::mutex mutex;
  std::condition_variable changed;
  bool expected = false;
  int64_t needed = 0;
  int64_t set = 0;
};

// Never destroyed: a thread may wait as the process ends.
State& state() {
  static State& instance = *new State;
  return instance;
}

}  // namespace

void pantorch::expect_callbacks_on_demand() {
  const std::lock_guard<std::mutex> lock(state().mutex);
  state().expected = true;
}

bool pantorch::demand_callback(int64_t need) {
  State& s = state();
  std::unique_lock<std::mutex> lock(s.mutex);
  if (!s.expected) return false;
  s.needed |= need & ~s.set;
  s.changed.notify_all();
  // Without patience nobody would be left to wait for where the process is ending.
  s.expected = s.changed.wait_for(lock, kPatience, [&] { return (s.set & need) != 0; });
  return s.expected;
}

void pantorch::callback_was_set(int64_t need) {
  State& s = state();
  const std::lock_guard<std::mutex> lock(s.mutex);
  s.set |= need;
  s.changed.notify_all();
}

pt_error pt_runtime_await_need(int64_t timeout_ms, pt_address out_need) {
  return guard([&] {
    State& s = state();
    std::unique_lock<std::mutex> lock(s.mutex);
    const auto somebody_waits = [&] { return s.needed != 0; };
    if (timeout_ms < 0) {
      s.changed.wait(lock, somebody_waits);
    } else {
      s.changed.wait_for(lock, std::chrono::milliseconds(timeout_ms), somebody_waits);
    }
    *reinterpret_cast<int64_t*>(out_need) = s.needed;
    s.needed = 0;
  });
}

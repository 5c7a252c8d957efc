// What the caller's callbacks share.
#pragma once

#include <atomic>
#include <memory>

#include "support.h"

namespace pantorch {

// Owns the context of a callback: its last copy releases it.
std::shared_ptr<int64_t> own_context(int64_t context);

// Runs a callback with the mode word that holds here, and throws what it reports.
template <class Callback>
void call_back(Callback&& callback) {
  int64_t failure = 0;
  {
    ModeRestore modes;
    failure = callback(modes.observed());
  }
  if (failure != 0) throw CallbackError(failure);
}

}  // namespace pantorch

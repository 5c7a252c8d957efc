#pragma once

/// The few lines of a test framework that the C++ tests need.

#include <c10/util/Exception.h>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>

#define EXPECT(condition)                                                          \
  do {                                                                             \
    if (!(condition)) {                                                            \
      std::fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
      std::exit(1);                                                                \
    }                                                                              \
  } while (false)

/// The message of the error that `call` throws; "no error" if it throws none.
inline std::string message_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const c10::Error& error) {
    return error.what_without_backtrace();
  }
  return "no error";
}

inline void expect_message(const std::string& expected, const std::function<void()>& call) {
  std::string message = message_of(call);
  if (message != expected) {
    std::fprintf(stderr, "expected: %s\n     got: %s\n", expected.c_str(), message.c_str());
    std::exit(1);
  }
}

// One-element add in C++ on the same libtorch: nanoseconds a call, one line a round.
#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/add.h>
#include <ATen/ops/ones.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 10;
  const int calls = argc > 2 ? std::atoi(argv[2]) : 1000000;
  at::set_num_threads(1);
  const at::Tensor a = at::ones({1});
  const at::Tensor b = at::ones({1});
  for (int round = 0; round < rounds; ++round) {
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < calls; ++i) {
      at::Tensor c = at::add(a, b);
    }
    const std::chrono::duration<double, std::nano> taken = std::chrono::steady_clock::now() - start;
    std::printf("cpp %.1f\n", taken.count() / calls);
  }
}

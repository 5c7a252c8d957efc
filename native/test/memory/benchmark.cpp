// What the CPU allocator is worth: a workload with libtorch's own allocator or with this one.
//
//   cmake --build BUILD --target memory_benchmark
//   memory_benchmark caching large 50
//   memory_benchmark libtorch large 50
//
// Compare in alternation: A B A B. With MALLOC_TRIM_THRESHOLD_=1073741824 and the same of
// MALLOC_MMAP_THRESHOLD_ the C library gives nothing back. OWN_THREAD=1 works on a thread of its
// own, as a JVM does: the C library serves the process's first thread better than others.
#include <pantorch/memory.h>
#include <sys/resource.h>
#include <torch/torch.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

namespace {

double seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

rusage usage() {
  rusage now{};
  getrusage(RUSAGE_SELF, &now);
  return now;
}

/// Of all threads. On a machine with other work to do this says more than the time on the wall.
double processor_seconds() {
  const rusage now = usage();
  return static_cast<double>(now.ru_utime.tv_sec + now.ru_stime.tv_sec) +
         static_cast<double>(now.ru_utime.tv_usec + now.ru_stime.tv_usec) * 1e-6;
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<long>(values.size() / 2),
                   values.end());
  return values[values.size() / 2];
}

class Times {
 public:
  void start() {
    wall_start_ = seconds();
    processor_start_ = processor_seconds();
  }
  void stop() {
    wall_.push_back(seconds() - wall_start_);
    processor_.push_back(processor_seconds() - processor_start_);
  }
  void print(const char* unit, double scale) const {
    std::printf("median %.3f %s, least %.3f, processor %.3f", median(wall_) * scale, unit,
                *std::min_element(wall_.begin(), wall_.end()) * scale, median(processor_) * scale);
  }

 private:
  double wall_start_ = 0;
  double processor_start_ = 0;
  std::vector<double> wall_;
  std::vector<double> processor_;
};

/// One-element additions, freed in groups of `held`.
void add(int rounds, size_t held) {
  const torch::NoGradGuard no_grad;
  const at::Tensor a = torch::ones({1});
  const at::Tensor b = torch::ones({1});
  std::vector<at::Tensor> results(held);
  Times times;
  constexpr size_t kCalls = 200'000;
  for (int round = 0; round < rounds; ++round) {
    times.start();
    for (size_t i = 0; i < kCalls; i += held) {
      for (at::Tensor& result : results) result = at::_ops::add_Tensor::call(a, b, 1);
      for (at::Tensor& result : results) result = at::Tensor();
    }
    times.stop();
  }
  times.print("ns", 1e9 / kCalls);
  std::printf("\n");
}

struct Shape {
  int64_t features, hidden, batch, steps;
  int threads;
};

/// Training steps of a two-layer LSTM with a linear head: forward, backward, clipping, Adam.
void train(int rounds, const Shape& shape) {
  torch::set_num_threads(shape.threads);
  torch::manual_seed(0);
  torch::nn::LSTM lstm(
      torch::nn::LSTMOptions(shape.features, shape.hidden).num_layers(2).batch_first(true));
  torch::nn::Linear head(shape.hidden, 1);
  std::vector<at::Tensor> parameters = lstm->parameters();
  for (const at::Tensor& parameter : head->parameters()) parameters.push_back(parameter);
  torch::optim::Adam adam(parameters, torch::optim::AdamOptions(1e-3));
  const at::Tensor x = torch::randn({shape.batch, shape.steps, shape.features});
  const at::Tensor y = torch::randn({shape.batch, 1});
  const int warm_up = rounds / 5 + 2;
  Times times;
  rusage before{};
  for (int round = 0; round < warm_up + rounds; ++round) {
    if (round == warm_up) before = usage();
    if (round >= warm_up) times.start();
    adam.zero_grad();
    const at::Tensor output = std::get<0>(lstm->forward(x));
    const at::Tensor loss = torch::mse_loss(head->forward(output.select(1, -1)), y);
    loss.backward();
    torch::nn::utils::clip_grad_norm_(parameters, 1.0);
    adam.step();
    if (round >= warm_up) times.stop();
  }
  const rusage after = usage();
  times.print("ms", 1e3);
  std::printf(", %.1f page faults a step, %ld MiB resident at most\n",
              static_cast<double>(after.ru_minflt - before.ru_minflt) / rounds,
              after.ru_maxrss / 1024);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string allocator = argc == 4 ? argv[1] : "";
  const std::string workload = argc == 4 ? argv[2] : "";
  const int rounds = argc == 4 ? std::atoi(argv[3]) : 0;
  if ((allocator != "caching" && allocator != "libtorch") || rounds < 1) {
    std::fprintf(stderr, "usage: %s caching|libtorch add|add50|add20000|small|large ROUNDS\n",
                 argv[0]);
    return 2;
  }
  if (allocator == "caching" && pt_memory_install() != 0) return 1;
  torch::set_num_threads(1);
  std::printf("%s, %s: ", allocator.c_str(), workload.c_str());
  auto work = [&] {
    if (workload == "add") add(rounds, 1);
    if (workload == "add50") add(rounds, 50);
    if (workload == "add20000") add(rounds, 20'000);
    if (workload == "small") train(rounds, {5, 64, 32, 10, 1});
    if (workload == "large") train(rounds, {64, 256, 64, 50, 2});
  };
  if (std::getenv("OWN_THREAD") != nullptr) {
    std::thread(work).join();
  } else {
    work();
  }
  return 0;
}

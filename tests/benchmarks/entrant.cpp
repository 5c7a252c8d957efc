// The workloads in C++ on the same libtorch; Pantorch.java is the twin that explains them.
#include <torch/script.h>
#include <torch/torch.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
using Arguments = std::vector<std::string>;
using Body = std::function<void(int)>;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Prints nanoseconds a call, one line a round: Rounds.java.
void rounds(const Arguments& arguments, const Body& body) {
  const double warm_up = std::stod(arguments[0]);
  const int count = std::stoi(arguments[1]);
  const double length = std::stod(arguments[2]);
  int calls = 1;
  for (const auto start = Clock::now(); seconds_since(start) < warm_up;) {
    const auto before = Clock::now();
    body(calls);
    if (seconds_since(before) < 5e-3) calls *= 2;
  }
  for (int round = 0; round < count; ++round) {
    double done = 0;
    double taken = 0;
    const auto start = Clock::now();
    do {
      body(calls);
      done += calls;
      taken = seconds_since(start);
    } while (taken < length);
    std::printf("ns %.1f\n", taken * 1e9 / done);
  }
}

long resident_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("VmRSS:", 0) == 0) return std::stol(line.substr(6));
  }
  return 0;
}

// Nanoseconds a unit and the growth of resident memory: Residence.java.
void residence(const Arguments& arguments, const Body& body) {
  const int count = std::stoi(arguments[0]);
  const int part = count / 100;
  body(part);
  const long warm = resident_kib();
  long most = warm;
  double taken = 0;
  for (int sample = 0; sample < 100; ++sample) {
    const auto start = Clock::now();
    body(part);
    taken += seconds_since(start);
    most = std::max(most, resident_kib());
  }
  std::printf("ns %.1f\ngrowth %.1f\n", taken * 1e9 / count, double(most - warm) / 1024);
}

// Nanoseconds an answer over all threads: Throughput.java.
void throughput(const Arguments& arguments, const std::function<void()>& request) {
  const int threads = std::stoi(arguments[3]);
  const auto phase = [&](double seconds) {
    std::atomic<bool> stop{false};
    std::atomic<int64_t> answered{0};
    std::vector<std::thread> running;
    const auto start = Clock::now();
    for (int i = 0; i < threads; ++i) {
      running.emplace_back([&] {
        int64_t own = 0;
        for (; !stop; ++own) request();
        answered += own;
      });
    }
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
    stop = true;
    for (auto& thread : running) thread.join();
    return seconds_since(start) * 1e9 / double(answered);
  };
  phase(std::stod(arguments[0]));
  for (int round = 0; round < std::stoi(arguments[1]); ++round) {
    std::printf("ns %.1f\n", phase(std::stod(arguments[2])));
  }
}

struct LstmModelImpl : torch::nn::Module {
  LstmModelImpl(int64_t input_size, int64_t hidden_size)
      : lstm(register_module(
            "lstm",
            torch::nn::LSTM(
                torch::nn::LSTMOptions(input_size, hidden_size).num_layers(2).batch_first(true)))),
        fc(register_module("fc", torch::nn::Linear(hidden_size, 1))) {}
  torch::Tensor forward(const torch::Tensor& x) { return fc(std::get<0>(lstm(x)).select(1, -1)); }
  torch::nn::LSTM lstm;
  torch::nn::Linear fc;
};
TORCH_MODULE(LstmModel);

Body repeated(std::function<void()> once) {
  return [once = std::move(once)](int calls) {
    for (int i = 0; i < calls; ++i) once();
  };
}

Body add(bool grad) {
  const auto a = torch::ones({1}).set_requires_grad(grad);
  const auto b = torch::ones({1}).set_requires_grad(grad);
  return [=](int calls) {
    for (int i = 0; i < calls; ++i) torch::Tensor c = torch::add(a, b);
  };
}

Body affine() {
  const auto x = torch::randn({32, 64});
  const auto w = torch::randn({64, 64});
  const auto b = torch::randn({64});
  return [=](int calls) {
    for (int i = 0; i < calls; ++i) torch::Tensor y = torch::sigmoid(torch::matmul(x, w) + b);
  };
}

Body training(int64_t input_size, int64_t hidden_size, int64_t batch, int64_t steps) {
  torch::manual_seed(42);
  LstmModel model(input_size, hidden_size);
  const auto x = torch::randn({batch, steps, input_size});
  const auto y = torch::randint(0, 2, {batch}).to(torch::kFloat);
  torch::nn::BCEWithLogitsLoss criterion;
  auto optimizer =
      std::make_shared<torch::optim::Adam>(model->parameters(), torch::optim::AdamOptions(1e-3));
  return [=](int count) mutable {
    for (int i = 0; i < count; ++i) {
      optimizer->zero_grad();
      const auto loss = criterion(model(x).squeeze(), y);
      loss.backward();
      torch::nn::utils::clip_grad_norm_(model->parameters(), 1.0);
      optimizer->step();
      loss.item<float>();
    }
  };
}

std::function<void()> request(int64_t batch) {
  LstmModel model(5, 64);
  model->eval();
  const auto x = torch::randn({batch, 10, 5});
  return [=]() mutable {
    const c10::InferenceMode mode;
    const auto y = model(x);
    const std::vector<float> answer(y.data_ptr<float>(), y.data_ptr<float>() + y.numel());
  };
}

Body copy() {
  const auto data = std::make_shared<std::vector<float>>(1000000);
  return repeated([=] {
    const auto tensor = torch::from_blob(data->data(), {1000, 1000}).clone();
    const std::vector<float> out(tensor.data_ptr<float>(),
                                 tensor.data_ptr<float>() + tensor.numel());
    // Otherwise nobody reads it and the compiler may leave it out.
    asm volatile("" : : "r"(out.data()) : "memory");
  });
}

Body copy_into() {
  const auto data = std::make_shared<std::vector<float>>(1000000);
  const auto out = std::make_shared<std::vector<float>>(1000000);
  return repeated([=] {
    const auto tensor = torch::from_blob(data->data(), {1000, 1000}).clone();
    std::copy_n(tensor.data_ptr<float>(), tensor.numel(), out->data());
  });
}

Body view() {
  const auto data = std::make_shared<std::vector<float>>(1000000);
  return repeated([=] { torch::from_blob(data->data(), {1000, 1000}).data_ptr<float>()[0] = 1; });
}

void ready(const torch::Tensor& value) {
  std::printf("ready %.6f\n", value.item<double>());
  std::fflush(stdout);
}

void answer(const std::string& file) {
  const c10::InferenceMode mode;
  ready(torch::jit::load(file).forward({torch::ones({1, 10, 5})}).toTensor());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  const std::string workload = argv[1];
  const Arguments arguments(argv + 2, argv + argc);
  torch::set_num_threads(workload == "train-large" ? 2 : 1);
  const std::map<std::string, std::function<void()>> workloads = {
      {"add-closed", [&] { rounds(arguments, add(false)); }},
      {"add-scoped", [&] { rounds(arguments, add(false)); }},
      {"add-dropped", [&] { rounds(arguments, add(false)); }},
      {"add-grad-closed", [&] { rounds(arguments, add(true)); }},
      {"add-grad-scoped", [&] { rounds(arguments, add(true)); }},
      {"affine", [&] { rounds(arguments, affine()); }},
      {"train-small", [&] { rounds(arguments, training(5, 64, 32, 10)); }},
      {"train-large", [&] { rounds(arguments, training(64, 256, 64, 50)); }},
      {"infer-1", [&] { rounds(arguments, repeated(request(1))); }},
      {"infer-32", [&] { rounds(arguments, repeated(request(32))); }},
      {"copy", [&] { rounds(arguments, copy()); }},
      {"copy-into", [&] { rounds(arguments, copy_into()); }},
      {"view", [&] { rounds(arguments, view()); }},
      {"naive-tensors", [&] { residence(arguments, add(false)); }},
      {"naive-training", [&] { residence(arguments, training(5, 64, 32, 10)); }},
      {"serve", [&] { throughput(arguments, request(1)); }},
      {"start", [&] { ready(torch::ones({1})); }},
      {"forward",
       [&] {
         ready(LstmModel(5, 64)(torch::randn({1, 10, 5})));
       }},
      {"answer", [&] { answer(arguments[0]); }},
  };
  const auto found = workloads.find(workload);
  if (found == workloads.end()) {
    std::fprintf(stderr, "no workload is called %s\n", workload.c_str());
    return 2;
  }
  found->second();
}

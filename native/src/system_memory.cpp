#include "system_memory.h"

#if defined(_WIN32)
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#else
#include <sys/mman.h>
#include <time.h>

#include <cstdlib>
#include <string_view>
#endif

namespace pantorch::memory {

namespace {

#if defined(_WIN32)

void* map_pages(size_t bytes) {
  return VirtualAlloc(nullptr, bytes, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
}

bool unmap_pages(void* address, size_t) { return VirtualFree(address, 0, MEM_RELEASE) != 0; }

void discard_pages(void* address, size_t bytes) { DiscardVirtualMemory(address, bytes); }

int64_t monotonic_ms() { return static_cast<int64_t>(GetTickCount64()); }

#else

// Coarse clocks are read without a system call and without the time-stamp counter.
#if defined(CLOCK_MONOTONIC_COARSE)
constexpr clockid_t kClock = CLOCK_MONOTONIC_COARSE;
#else
constexpr clockid_t kClock = CLOCK_MONOTONIC;
#endif

// macOS gives nothing back on MADV_DONTNEED.
#if defined(__APPLE__)
constexpr int kDiscard = MADV_FREE;
#else
constexpr int kDiscard = MADV_DONTNEED;
#endif

#if defined(MADV_HUGEPAGE)
/// What libtorch's own allocator, in whose place this one is, asks for huge pages by.
bool wants_huge_pages() {
  static const bool kWanted = [] {
    const char* value = std::getenv("THP_MEM_ALLOC_ENABLE");
    return value && std::string_view(value) == "1";
  }();
  return kWanted;
}
#endif

void* map_pages(size_t bytes) {
  // Without MAP_NORESERVE, so that the kernel refuses what can never be backed, as it does malloc:
  // a failed allocation is an exception, a page that cannot be found kills the process.
  void* address = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (address == MAP_FAILED) return nullptr;
#if defined(MADV_HUGEPAGE)
  // Refused by kernels that have none.
  if (wants_huge_pages()) (void)madvise(address, bytes, MADV_HUGEPAGE);
#endif
  return address;
}

bool unmap_pages(void* address, size_t bytes) { return munmap(address, bytes) == 0; }

void discard_pages(void* address, size_t bytes) {
  // Refused for locked pages (mlockall): they stay resident, as their owner asked.
  (void)madvise(address, bytes, kDiscard);
}

int64_t monotonic_ms() {
  timespec now;
  clock_gettime(kClock, &now);
  return static_cast<int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1'000'000;
}

#endif

}  // namespace

const System& System::native() {
  static constexpr System kNative{map_pages, unmap_pages, discard_pages, monotonic_ms};
  return kNative;
}

}  // namespace pantorch::memory

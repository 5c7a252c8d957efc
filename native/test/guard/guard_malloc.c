// Gives each allocation of libtorch pages of its own between pages that cannot be touched, so that
// an operator that reads or writes beyond a tensor ends the process at once, at that place, and not
// later somewhere else. Preloaded, with the caching allocator switched off:
//
//   LD_PRELOAD=libguard_malloc.so java -Dpantorch.allocator=libtorch ...
//
// Blocks end where their pages end; with GUARD_FRONT=1 they begin where these begin. Freed pages
// are never used again: it is for minutes, not hours.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static const size_t kPage = 4096;
static const size_t kRegion = (size_t)64 << 30;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static char* region;
static char* top;
static void (*real_free)(void*);

static char* take(size_t pages) {
  pthread_mutex_lock(&mutex);
  if (region == NULL) {
    region = mmap(NULL, kRegion, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    top = region;
  }
  char* first = NULL;
  const size_t left = (size_t)(region + kRegion - top) / kPage;
  if (region != MAP_FAILED && pages + 2 < left) {
    first = top + kPage;
    top = first + pages * kPage;
  }
  pthread_mutex_unlock(&mutex);
  return first;
}

// What libtorch allocates the memory of tensors with.
int posix_memalign(void** out, size_t alignment, size_t bytes) {
  if (bytes > kRegion) return ENOMEM;
  const size_t pages = bytes == 0 ? 1 : (bytes + kPage - 1) / kPage;
  char* first = take(pages);
  if (first == NULL || mprotect(first, pages * kPage, PROT_READ | PROT_WRITE) != 0) return ENOMEM;
  char* data = first;
  if (getenv("GUARD_FRONT") == NULL) {
    // Vector instructions want 16 bytes; the alignment asked for would leave a gap at the end.
    const size_t step = alignment < 16 ? alignment : 16;
    data += (pages * kPage - bytes) / step * step;
  }
  memset(data, 0xab, bytes);
  *out = data;
  return 0;
}

void free(void* data) {
  if (region != NULL && (char*)data >= region && (char*)data < region + kRegion) {
    char* page = (char*)((uintptr_t)data / kPage * kPage);
    madvise(page, kPage, MADV_DONTNEED);
    mprotect(page, kPage, PROT_NONE);
    return;
  }
  if (real_free == NULL) *(void**)&real_free = dlsym(RTLD_NEXT, "free");
  real_free(data);
}

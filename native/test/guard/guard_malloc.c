// Gives each allocation of libtorch pages of its own between pages that cannot be touched, so that
// an operator that reads or writes beyond a tensor ends the process at once, at that place, and not
// later somewhere else. Preloaded, with the caching allocator switched off:
//
//   LD_PRELOAD=libguard_malloc.so java -Dpantorch.allocator=libtorch ...
//
// Blocks end where their pages end; with GUARD_FRONT=1 they begin where these begin. Freed pages
// are never used again, so that what touches them afterwards ends the process as well. No more than
// kMostPages are live: a call that wants more gets libtorch's exception, as it does by the limit of
// the allocator that is switched off.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static const size_t kPage = 4096;
static const size_t kRegion = (size_t)1 << 40;
static const size_t kMostPages = ((size_t)256 << 20) / 4096;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static char* region;
static char* top;
static uint32_t* pages_of;  // of the block that begins at a page
static size_t live_pages;
static void (*real_free)(void*);

static void* reserve(void* place, size_t bytes, int protection) {
  const int fixed = place == NULL ? 0 : MAP_FIXED;
  return mmap(place, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | fixed, -1, 0);
}

static char* take(size_t pages) {
  pthread_mutex_lock(&mutex);
  if (region == NULL) {
    pages_of = reserve(NULL, kRegion / kPage * sizeof *pages_of, PROT_READ | PROT_WRITE);
    region = pages_of == MAP_FAILED ? MAP_FAILED : reserve(NULL, kRegion, PROT_NONE);
    top = region;
  }
  char* first = NULL;
  if (region != MAP_FAILED && pages <= kMostPages - live_pages &&
      pages + 2 < (size_t)(region + kRegion - top) / kPage) {
    first = top + kPage;
    top = first + pages * kPage;
    live_pages += pages;
    pages_of[(size_t)(first - region) / kPage] = (uint32_t)pages;
  }
  pthread_mutex_unlock(&mutex);
  return first;
}

// By a new mapping: the kernel joins it with its neighbours, of which a process may have some
// thousands only.
static void give_back(char* data) {
  const size_t page = (size_t)(data - region) / kPage;
  pthread_mutex_lock(&mutex);
  const size_t pages = pages_of[page];
  live_pages -= pages;
  pthread_mutex_unlock(&mutex);
  reserve(region + page * kPage, pages * kPage, PROT_NONE);
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
    give_back(data);
    return;
  }
  if (real_free == NULL) *(void**)&real_free = dlsym(RTLD_NEXT, "free");
  real_free(data);
}

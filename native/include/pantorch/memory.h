/*
 * CPU memory of tensors: Pantorch's caching allocator in the place of libtorch's.
 *
 * libtorch takes CPU memory from the C library and gives it back at once; training then spends a
 * good part of its time in page faults. This allocator keeps freed memory for reuse, knows exactly
 * how much is live, and can ask the caller to free tensors before an allocation fails.
 *
 * Without pt_memory_install the counters stay 0 and the settings have no effect.
 */
#ifndef PANTORCH_MEMORY_H
#define PANTORCH_MEMORY_H

#include <pantorch/base.h>

PT_BEGIN_DECLS

/* Makes libtorch take CPU memory from the caching allocator from now on, until the process ends.
 * Memory that libtorch took before stays valid and goes back where it came from. Call it at start,
 * before other threads use libtorch. A second call does nothing. */
PT_API pt_error pt_memory_install(void);
PT_API int32_t pt_memory_installed(void);

/* Indices of the counters. */
enum {
  PT_MEMORY_LIVE_BYTES = 0,        /* asked for by tensors that exist */
  PT_MEMORY_PEAK_BYTES = 1,        /* the most that live bytes have been */
  PT_MEMORY_CACHED_BYTES = 2,      /* free, resident and ready for reuse */
  PT_MEMORY_RESERVED_BYTES = 3,    /* held from the system: live, cached, headers and rounding */
  PT_MEMORY_LIVE_ALLOCATIONS = 4,  /* allocations that exist */
  PT_MEMORY_TOTAL_ALLOCATIONS = 5, /* allocations ever made */
  PT_MEMORY_PRESSURE_EVENTS = 6,   /* allocations that found no room at first */
  PT_MEMORY_COUNTERS = 7
};

/* The address of PT_MEMORY_COUNTERS counters, the same at every call; never freed. The call brings
 * them up to date with all threads: they are exact if no thread allocates or frees meanwhile (the
 * peak is exact where one thread allocates). Read later without a call, they lag: each thread adds
 * what it has counted after 64 KiB of change or 1,024 allocations, and at once while there is a
 * limit. Every counter may be read at any time with one aligned 8-byte load. */
PT_API pt_address pt_memory_counters(void);

/* The peak becomes what is live now. */
PT_API void pt_memory_reset_peak(void);

/* Gives all cached memory back to the system; what shares a 64 to 512 KiB span with live tensors of
 * up to 32 KiB has to stay. */
PT_API void pt_memory_trim(void);

/* The same for what has been idle for idle_ms or longer; caches of threads count as idle if unused
 * since the last call. The allocator does so itself, for memory idle for 10 seconds, but only while
 * it is used: there is no background thread. A caller with a timer gives an idle process's memory
 * back with this. */
PT_API void pt_memory_trim_idle(int64_t idle_ms);

/* Bounds the cached bytes; 0 keeps nothing but the up to 3 MiB that a running thread holds ready.
 * -1, the default: live and cached bytes together stay within 5/4 of the peak of live bytes; up to
 * 32 MiB are kept in any case. */
PT_API void pt_memory_set_cache_limit(int64_t bytes);

/* Bounds the live bytes; -1, the default: no bound. The cache is held within what this leaves. An
 * allocation beyond it meets pressure, and then fails. */
PT_API void pt_memory_set_limit(int64_t bytes);

/* Called when the system or the limit refuses an allocation, after the cache was given back. It
 * frees what it can (through any thread, this one too) and returns 1 if the allocation is to be
 * tried again, 0 if nothing could be freed. It is asked up to 3 times an allocation; then the
 * allocation fails with PT_ERROR_OUT_OF_MEMORY. It runs on the thread that allocates, which may be
 * any thread of libtorch's, inside an operator, holding no lock of the allocator; libtorch or the
 * operator may hold one, so it must not wait for other threads' operators. Allocations that fail
 * inside the callback fail at once. 0 removes it. */
typedef int32_t (*pt_memory_pressure_callback)(int64_t wanted_bytes);
PT_API void pt_memory_set_pressure_callback(pt_memory_pressure_callback callback);

PT_END_DECLS

#endif

#include "block_pool.h"

namespace pantorch::memory {

/// At the start of an extent that is cut into blocks.
struct alignas(kAlignment) Span {
  Extent* extent;
  Span* prev;  // among the spans with room
  Span* next;
  Block* free;
  char* uncut;  // the next block to make, if it fits
  int cut;      // blocks made
  int out;      // blocks made that are not in free: live, or in the cache of a thread
};

Block* BlockPool::fetch(size_t keep) {
  std::unique_lock<std::mutex> lock(mutex_);
  if (!roomy_) {
    lock.unlock();
    Extent* extent = heap_.allocate(span_bytes_, keep);
    if (!extent) return nullptr;
    Span* span = reinterpret_cast<Span*>(extent->base);
    *span = Span{extent, nullptr, nullptr, nullptr, extent->base + sizeof(Span), 0, 0};
    lock.lock();
    link(span);
  }
  Block* chain = nullptr;
  int64_t made = 0;
  for (int i = 0; i < kBatch[size_class_] && roomy_; ++i) {
    Span* span = roomy_;
    made -= span->cut;
    Block* block = take(span);
    made += span->cut;
    block->next = chain;
    chain = block;
    if (!has_room(span)) unlink(span);
  }
  cached_.fetch_add(made * static_cast<int64_t>(block_bytes_), std::memory_order_relaxed);
  return chain;
}

void BlockPool::give(Block* chain, size_t keep) {
  Span* unused = nullptr;
  {
    std::lock_guard<std::mutex> guard(mutex_);
    while (chain) {
      Block* block = chain;
      chain = block->next;
      Span* span = block->span;
      if (!has_room(span)) link(span);
      block->next = span->free;
      span->free = block;
      if (--span->out > 0) continue;
      unlink(span);
      span->next = unused;
      unused = span;
    }
  }
  while (unused) {
    Span* span = unused;
    unused = span->next;
    const int64_t bytes = span->cut * static_cast<int64_t>(block_bytes_);
    cached_.fetch_sub(bytes, std::memory_order_relaxed);
    heap_.release(span->extent, keep);
  }
}

bool BlockPool::has_room(const Span* span) const {
  return span->free || span->uncut + block_bytes_ <= span->extent->base + span_bytes_;
}

void BlockPool::link(Span* span) {
  span->prev = nullptr;
  span->next = roomy_;
  if (roomy_) roomy_->prev = span;
  roomy_ = span;
}

void BlockPool::unlink(Span* span) {
  if (span->next) span->next->prev = span->prev;
  (span->prev ? span->prev->next : roomy_) = span->next;
}

/// A block of a span with room: one that came back, else a new one.
Block* BlockPool::take(Span* span) {
  ++span->out;
  if (Block* block = span->free) {
    span->free = block->next;
    return block;
  }
  Block* block = reinterpret_cast<Block*>(span->uncut);
  block->mark(Block::kFree);
  block->span = span;
  block->size_class = size_class_;
  poison(block->data(), block_bytes_ - sizeof(Block));
  span->uncut += block_bytes_;
  if (Block::before_page(span->uncut)) span->uncut += kAlignment;
  ++span->cut;
  return block;
}

}  // namespace pantorch::memory

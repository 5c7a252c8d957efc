package dev.pantorch.internal;

import dev.pantorch.Generator;
import dev.pantorch.ffi.generated.pantorch_h;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.function.LongConsumer;
import java.util.function.LongFunction;

/// The handle of a random number generator, freed once the generator is unreachable; there are few.
public abstract class NativeGenerator {
  private static final Cleaner CLEANER = Cleaner.create();

  private final long handle;

  @SuppressWarnings("this-escape") // only its reachability is watched
  protected NativeGenerator(long handle) {
    this.handle = handle;
    CLEANER.register(this, () -> pantorch_h.pt_generator_free(handle));
  }

  static long handle(Generator generator) {
    return ((NativeGenerator) generator).handle;
  }

  /// Calls with the handle, which stays valid meanwhile.
  protected final <T> T get(LongFunction<T> call) {
    try {
      return call.apply(handle);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /// The same without a result.
  protected final void use(LongConsumer call) {
    try {
      call.accept(handle);
    } finally {
      Reference.reachabilityFence(this);
    }
  }
}

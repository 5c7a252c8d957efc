package dev.pantorch.quantization;

import java.util.function.Consumer;

/// Options as a constructor takes them.
final class Settings {
  private Settings() {}

  static <O> O of(O options, Consumer<? super O> settings) {
    settings.accept(options);
    return options;
  }
}

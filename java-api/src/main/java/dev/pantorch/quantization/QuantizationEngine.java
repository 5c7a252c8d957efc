package dev.pantorch.quantization;

import dev.pantorch.ValueException;

/// The libraries that compute with quantized numbers.
///
/// [torch.backends.quantized](https://docs.pytorch.org/docs/2.13/backends.html)
public enum QuantizationEngine {
  /// None.
  NONE(0),
  /// FBGEMM, for x86 processors.
  FBGEMM(1),
  /// QNNPACK, for ARM processors.
  QNNPACK(2),
  /// oneDNN.
  ONEDNN(3),
  /// FBGEMM or oneDNN, whichever is better for the layer: the default on x86 processors.
  X86(4);

  private final int code;

  QuantizationEngine(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }

  static QuantizationEngine of(int code) {
    for (QuantizationEngine engine : values()) {
      if (engine.code == code) return engine;
    }
    throw new ValueException("libtorch has a quantized engine of an unknown number, " + code);
  }
}

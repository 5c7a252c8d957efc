package dev.pantorch.data;

import dev.pantorch.DType;
import dev.pantorch.Device;
import dev.pantorch.Generator;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import org.jspecify.annotations.Nullable;

/// The states of a loader's generator and of its sampler's: bytes on the heap, so that a loader
/// owns no tensor.
final class RandomState {
  private final byte[] loader;
  private final byte @Nullable [] sampler;

  private RandomState(byte[] loader, byte @Nullable [] sampler) {
    this.loader = loader;
    this.sampler = sampler;
  }

  static RandomState of(@Nullable Generator loader, @Nullable Generator sampler) {
    return new RandomState(bytes(orDefault(loader)), sampler == null ? null : bytes(sampler));
  }

  static RandomState of(Tensor loader, @Nullable Tensor sampler) {
    return new RandomState(loader.toByteArray(), sampler == null ? null : sampler.toByteArray());
  }

  private static byte[] bytes(Generator generator) {
    try (Tensor state = generator.getState()) {
      return state.toByteArray();
    }
  }

  private static Generator orDefault(@Nullable Generator generator) {
    return generator == null ? Generator.defaultFor(Device.CPU) : generator;
  }

  void restore(@Nullable Generator loaderGenerator, @Nullable Generator samplerGenerator) {
    try (Tensor state = loader()) {
      orDefault(loaderGenerator).setState(state);
    }
    if (samplerGenerator == null) return;
    Tensor second = sampler();
    if (second == null) throw new ValueException("the loader's state has no sampler_generator");
    try (second) {
      samplerGenerator.setState(second);
    }
  }

  Tensor loader() {
    return Torch.tensor(DType.UINT8, loader);
  }

  @Nullable Tensor sampler() {
    return sampler == null ? null : Torch.tensor(DType.UINT8, sampler);
  }
}

package dev.pantorch.export;

import dev.pantorch.Device;

/// The options of {@link AOTInductor#loadPackage}, under Python's names.
///
/// ```java
/// var model = AOTInductor.loadPackage(path, o -> o.modelName("encoder").numRunners(4));
/// ```
///
/// [torch._inductor.aoti_load_package](https://docs.pytorch.org/docs/2.13/torch.compiler_aot_inductor.html)
public final class PackageOptions {
  String modelName = "model";
  boolean runSingleThreaded;
  int numRunners = 1;
  int deviceIndex = -1;

  PackageOptions() {}

  /// Which model of the package. `model` unless set, as the compiler calls the only one.
  ///
  /// @param modelName its name
  /// @return these options
  public PackageOptions modelName(String modelName) {
    this.modelName = modelName;
    return this;
  }

  /// How many threads can run the model at once; more of them wait. Runners share the weights. 1
  /// unless set.
  ///
  /// @param numRunners at least 1
  /// @return these options
  /// @throws IllegalArgumentException if it is less
  public PackageOptions numRunners(int numRunners) {
    if (numRunners < 1) {
      throw new IllegalArgumentException(
          "numRunners is %d; expected 1 or more".formatted(numRunners));
    }
    this.numRunners = numRunners;
    return this;
  }

  /// Leaves out the model's own synchronisation, which CUDA graphs do not stand. Calls from several
  /// threads then wait for each other.
  ///
  /// @param runSingleThreaded whether to leave it out
  /// @return these options
  public PackageOptions runSingleThreaded(boolean runSingleThreaded) {
    this.runSingleThreaded = runSingleThreaded;
    return this;
  }

  /// Which of the devices of the kind that the package was compiled for. The current one unless
  /// set.
  ///
  /// @param deviceIndex its index, as in {@link Device#index}
  /// @return these options
  public PackageOptions deviceIndex(int deviceIndex) {
    this.deviceIndex = deviceIndex;
    return this;
  }
}

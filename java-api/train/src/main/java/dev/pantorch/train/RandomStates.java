package dev.pantorch.train;

import dev.pantorch.Accelerator;
import dev.pantorch.Device;
import dev.pantorch.DeviceType;
import dev.pantorch.Generator;
import dev.pantorch.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/// The state of the default generator, and of the one of the device that is trained on.
final class RandomStates {
  private final Device device;

  RandomStates(Device device) {
    this.device = device;
  }

  Device device() {
    return device;
  }

  Tensor toDevice(Tensor tensor) {
    return tensor.to(device);
  }

  private boolean hasOwnGenerator() {
    return device.type() != DeviceType.CPU && new Accelerator(device.type()).isAvailable();
  }

  /// The states now, which belong to the innermost scope.
  Map<String, Object> save() {
    Map<String, Object> state = new LinkedHashMap<>();
    state.put("cpu", Generator.defaultFor(Device.CPU).getState());
    if (hasOwnGenerator()) state.put("device", Generator.defaultFor(device).getState());
    return state;
  }

  void load(Map<String, ?> state) {
    if (state.get("cpu") instanceof Tensor cpu) Generator.defaultFor(Device.CPU).setState(cpu);
    if (hasOwnGenerator() && state.get("device") instanceof Tensor own) {
      Generator.defaultFor(device).setState(own);
    }
  }
}

package dev.pantorch.train;

import dev.pantorch.Device;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import dev.pantorch.amp.GradScaler;
import dev.pantorch.nn.Module;
import dev.pantorch.optim.lr.LRScheduler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Puts all that a training is made of into a file, and back.
final class CheckpointFile<M extends Module, B> {
  private static final int VERSION = 1;

  private final Stepper<M, B> stepper;
  private final Iterable<B> loader;
  private final Objective.Pass<B> pass;
  private final FitState state;

  CheckpointFile(
      Stepper<M, B> stepper, Iterable<B> loader, Objective.Pass<B> pass, FitState state) {
    this.stepper = stepper;
    this.loader = loader;
    this.pass = pass;
    this.state = state;
  }

  /// What was when an evaluation began.
  ///
  /// @param random the states of generators
  /// @param validation the state of the loader
  record Before(Map<String, Object> random, Map<String, Object> validation) {}

  void save(Path file, @Nullable Before before) {
    TrainerOptions<M, B> options = stepper.options;
    try (var scope = TensorScope.open()) {
      Map<String, Object> saved = new LinkedHashMap<>();
      saved.put("trainer", VERSION);
      saved.put("model", stepper.model.stateDict());
      saved.put("optimizer", stepper.optimizer.stateDict());
      List<Object> schedulers = new ArrayList<>();
      for (LRScheduler scheduler : schedulers()) schedulers.add(scheduler.stateDict());
      for (TrainerOptions.Plateau plateau : options.plateaus) {
        schedulers.add(plateau.scheduler().stateDict());
      }
      saved.put("schedulers", schedulers);
      saved.put("random", before == null ? stepper.random.save() : before.random);
      saved.put("loader", Batches.state(loader));
      Iterable<B> validation = options.validation;
      if (validation != null) {
        saved.put("validation", before == null ? Batches.state(validation) : before.validation);
      }
      GradScaler scaler = options.scaler;
      if (scaler != null) saved.put("scaler", scaler.stateDict());
      Object carried = pass.saved();
      if (carried != null) saved.put("carried", carried);
      saved.put("callbacks", options.callbacks.stream().map(Callback::state).toList());
      saved.put("state", state.save());
      Torch.save(saved, file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<LRScheduler> schedulers() {
    TrainerOptions<M, B> options = stepper.options;
    return Stream.concat(options.epochSchedulers.stream(), options.stepSchedulers.stream())
        .toList();
  }

  void load(Path file) {
    TrainerOptions<M, B> options = stepper.options;
    try (var scope = TensorScope.open()) {
      var saved =
          new SavedValues(
              file.toString(), Torch.load(file, o -> o.mapLocation(Device.CPU)).value());
      if (saved.integer("trainer") != VERSION) {
        throw new ValueException(
            "%s has version %d of a Trainer's checkpoints; this one reads version %d"
                .formatted(file, saved.integer("trainer"), VERSION));
      }
      List<?> schedulers = saved.list("schedulers");
      List<?> callbacks = saved.list("callbacks");
      checkSize(file, "schedulers", schedulers, schedulers().size() + options.plateaus.size());
      checkSize(file, "callbacks", callbacks, options.callbacks.size());
      stepper.model.loadStateDict(saved.map("model", Tensor.class));
      stepper.optimizer.loadStateDict(saved.map("optimizer"));
      int at = 0;
      for (LRScheduler scheduler : schedulers()) {
        scheduler.loadStateDict(map("schedulers", schedulers.get(at++)));
      }
      for (TrainerOptions.Plateau plateau : options.plateaus) {
        plateau.scheduler().loadStateDict(map("schedulers", schedulers.get(at++)));
      }
      at = 0;
      for (Callback callback : options.callbacks) {
        callback.loadState(map("callbacks", callbacks.get(at++)));
      }
      Batches.load(loader, saved.map("loader"));
      if (options.validation != null && saved.has("validation")) {
        Batches.load(options.validation, saved.map("validation"));
      }
      GradScaler scaler = options.scaler;
      if (scaler != null) scaler.loadStateDict(saved.map("scaler"));
      Object carried = saved.get("carried");
      if (carried != null) pass.load(TensorTrees.map(carried, stepper.random::toDevice));
      state.load(new SavedValues("state", saved.get("state")));
      stepper.random.load(saved.map("random"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void checkSize(Path file, String what, List<?> found, int expected) {
    if (found.size() == expected) return;
    throw new ValueException(
        "%s has %d %s, but this trainer has %d; make it as the one that wrote the file"
            .formatted(file, found.size(), what, expected));
  }

  private static Map<String, Object> map(String where, @Nullable Object value) {
    return new SavedValues(where, Map.of("entry", value == null ? "" : value)).map("entry");
  }
}

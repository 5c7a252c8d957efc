package dev.pantorch.train;

import java.nio.file.Path;
import java.util.Map;

/// Is told what happens in a training, and may stop it.
///
/// ```java
/// class StopAtLoss implements Callback {
///   @Override
///   public void onEpochEnd(Trainer<?, ?> trainer, EpochResult epoch) {
///     if (epoch.figures().get("loss") < 0.1) trainer.stop();
///   }
/// }
/// ```
///
/// All methods are called by the training thread; those of several callbacks in the order in which
/// they were added. What one throws ends the training: it comes out of {@link Trainer#fit} as the
/// cause of a {@link CallbackException}.
public interface Callback {
  /// Before the first step, after a checkpoint was loaded.
  ///
  /// @param trainer the trainer
  default void onFitStart(Trainer<?, ?> trainer) {}

  /// Before the first batch of an epoch. Not called for an epoch that is resumed in its middle.
  ///
  /// @param trainer the trainer
  /// @param epoch its number, from 1
  default void onEpochStart(Trainer<?, ?> trainer, int epoch) {}

  /// After an optimizer step. The parameters still have the gradients that it was made with.
  ///
  /// @param trainer the trainer
  /// @param step what happened
  default void onStepEnd(Trainer<?, ?> trainer, StepResult step) {}

  /// After an epoch, its validation included.
  ///
  /// @param trainer the trainer
  /// @param epoch what came out
  default void onEpochEnd(Trainer<?, ?> trainer, EpochResult epoch) {}

  /// After a checkpoint was written.
  ///
  /// @param trainer the trainer
  /// @param file the checkpoint
  default void onCheckpoint(Trainer<?, ?> trainer, Path file) {}

  /// When training ends with an exception. What this throws is added to it as suppressed.
  ///
  /// @param trainer the trainer
  /// @param exception the exception
  default void onException(Trainer<?, ?> trainer, Throwable exception) {}

  /// After the last epoch, and after the best weights were restored.
  ///
  /// @param trainer the trainer
  /// @param history all epochs
  default void onFitEnd(Trainer<?, ?> trainer, History history) {}

  /// What a checkpoint should remember of this callback.
  ///
  /// @return what {@link dev.pantorch.Torch#save(Object, Path) Torch.save} can write; empty here
  default Map<String, Object> state() {
    return Map.of();
  }

  /// Takes what a checkpoint has remembered.
  ///
  /// @param state as {@link #state} returned it
  default void loadState(Map<String, ?> state) {}
}

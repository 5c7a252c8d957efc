package dev.pantorch.train;

import dev.pantorch.ValueException;
import java.nio.file.Path;
import java.time.Duration;

/// Where and when a trainer writes checkpoints, from which training goes on as if it had never
/// ended.
///
/// ```java
/// o.checkpoints(Path.of("runs/lstm"), c -> c.monitor("val_accuracy", Mode.MAX).resume(true));
/// ```
///
/// | file | when |
/// |---|---|
/// | `last.pt` | after each epoch, if wished after some steps, and when the process is told to end |
/// | `best.pt` | after each epoch in which the monitored figure was better than ever |
///
/// Each is a map that `torch.load` reads, in Python too; `model` is the state dict. It is written
/// to a temporary file that then takes the old one's place.
public final class Checkpoints {
  final Path folder;
  long everySteps;
  String monitor = "";
  Mode mode = Mode.MIN;
  boolean resume;
  boolean onInterrupt = true;
  Duration grace = Duration.ofMinutes(1);

  Checkpoints(Path folder) {
    this.folder = folder;
  }

  Path last() {
    return folder.resolve("last.pt");
  }

  Path best() {
    return folder.resolve("best.pt");
  }

  /// After how many optimizer steps `last.pt` is written, besides after each epoch.
  ///
  /// @param everySteps 0 unless set: after epochs only
  /// @return these options
  public Checkpoints everySteps(long everySteps) {
    if (everySteps < 0) throw new ValueException("everySteps must be 0 or more, not " + everySteps);
    this.everySteps = everySteps;
    return this;
  }

  /// Which figure tells the best epoch.
  ///
  /// @param monitor `val_loss` unless set, or `loss` where there is no validation
  /// @param mode what is better
  /// @return these options
  public Checkpoints monitor(String monitor, Mode mode) {
    this.monitor = monitor;
    this.mode = mode;
    return this;
  }

  /// Whether {@link Trainer#fit()} goes on from `last.pt` if it is there, so that the same command
  /// goes on after it was broken off.
  ///
  /// @param resume false unless set
  /// @return these options
  public Checkpoints resume(boolean resume) {
    this.resume = resume;
    return this;
  }

  /// Whether `last.pt` is written when the process is told to end: by Ctrl-C, `SIGTERM`, or
  /// `System.exit` in another thread. The process then ends after the next optimizer step.
  ///
  /// @param onInterrupt true unless set
  /// @return these options
  public Checkpoints onInterrupt(boolean onInterrupt) {
    this.onInterrupt = onInterrupt;
    return this;
  }

  /// How long the end of the process waits for that checkpoint.
  ///
  /// @param grace one minute unless set
  /// @return these options
  public Checkpoints grace(Duration grace) {
    this.grace = grace;
    return this;
  }
}

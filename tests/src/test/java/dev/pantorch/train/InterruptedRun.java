package dev.pantorch.train;

import dev.pantorch.Torch;
import java.nio.file.Files;
import java.nio.file.Path;

/// A training in a process of its own, which {@link InterruptTest} breaks off.
final class InterruptedRun {
  private InterruptedRun() {}

  /// Trains, and writes what it leaves.
  ///
  /// @param args the folder; how long each step takes, in milliseconds; how the process ends:
  ///   `signal` or `exit`
  public static void main(String[] args) throws Exception {
    Torch.setNumThreads(1);
    Path folder = Path.of(args[0]);
    long pause = Long.parseLong(args[1]);
    var task = new Task();
    History history =
        task.trainer(o ->
                o.epochs(6)
                    .progress(System.out)
                    .checkpoints(folder, c -> c.resume(true))
                    .callback(
                        new Callback() {
                          @Override
                          public void onStepEnd(Trainer<?, ?> trainer, StepResult step) {
                            System.out.println("step " + step.step());
                            try {
                              Thread.sleep(pause);
                            } catch (InterruptedException e) {
                              throw new IllegalStateException(e);
                            }
                            if (args[2].equals("exit") && step.step() == 8) System.exit(3);
                          }
                        }))
            .fit();
    Files.writeString(folder.resolve("outcome.txt"), String.join("\n", task.bits()) + history);
  }
}

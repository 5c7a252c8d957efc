package dev.pantorch.train;

import java.io.PrintStream;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.function.LongSupplier;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/// Shows how training goes: a bar on a terminal, lines elsewhere.
final class Progress implements AutoCloseable {
  private static final int WIDTH = 100;
  private static final int UPDATE_MILLIS = 200;
  private static final double NANOS = 1e9;
  private static final long LINE_NANOS = 60_000_000_000L;

  private final PrintStream out;
  private final boolean terminal;
  private final LongSupplier clock;
  private final int epochs;
  private @Nullable ProgressBar bar;
  private int epoch;
  private long batches;
  private long first;
  private long done;
  private long began;
  private long lastLine;
  private double seconds;

  Progress(PrintStream out, boolean terminal, LongSupplier clock, int epochs) {
    this.out = out;
    this.terminal = terminal;
    this.clock = clock;
    this.epochs = epochs;
  }

  @SuppressWarnings("SystemConsoleNull") // JDK 25 returns null where there is no terminal
  static boolean isTerminal(PrintStream out) {
    var console = System.console();
    return (out.equals(System.out) || out.equals(System.err))
        && console != null
        && console.isTerminal();
  }

  /// An epoch begins, or goes on.
  ///
  /// @param batches how many there will be; 0 where that is not known
  /// @param position how many are done
  void beginEpoch(int epoch, long batches, long position) {
    close();
    this.epoch = epoch;
    this.batches = batches;
    first = position;
    done = position;
    began = clock.getAsLong();
    lastLine = began;
    if (terminal) {
      bar =
          new ProgressBarBuilder()
              .setTaskName("Epoch %d/%d".formatted(epoch, epochs))
              .setInitialMax(batches == 0 ? -1 : batches)
              .startsFrom(position, java.time.Duration.ZERO)
              .setStyle(ProgressBarStyle.ASCII)
              .setUpdateIntervalMillis(UPDATE_MILLIS)
              .clearDisplayOnFinish()
              .showSpeed()
              .setConsumer(new ConsoleProgressBarConsumer(out, WIDTH))
              .build();
    }
  }

  /// A step is made.
  void step(long position, double loss, double learningRate) {
    done = position;
    long now = clock.getAsLong();
    seconds = (now - began) / NANOS;
    String figures = "loss %s, lr %s".formatted(History.text(loss), History.text(learningRate));
    if (bar != null) {
      bar.stepTo(position);
      bar.setExtraMessage(" " + figures);
    } else if (!terminal && now - lastLine >= LINE_NANOS) {
      lastLine = now;
      String of = batches == 0 ? "" : "/" + batches;
      line(
          "Epoch %d/%d, batch %d%s: %s, %s"
              .formatted(epoch, epochs, position, of, figures, rate()));
    }
  }

  /// Training of the epoch is done; evaluation is not counted in its rate.
  void endBatches() {
    seconds = (clock.getAsLong() - began) / NANOS;
    close();
  }

  void endEpoch(EpochResult result) {
    var figures = new StringJoiner(", ");
    for (Map.Entry<String, Double> figure : result.figures().entrySet()) {
      figures.add(figure.getKey() + " " + History.text(figure.getValue()));
    }
    // Where an epoch was resumed for its validation only there is no rate.
    String rate = done == first ? "" : " (%d batches, %s)".formatted(done - first, rate());
    line("Epoch %d/%d: %s%s".formatted(result.epoch(), epochs, figures, rate));
  }

  private String rate() {
    return String.format(Locale.ROOT, "%.1f batches/s", (done - first) / seconds);
  }

  void line(String text) {
    close();
    out.println(text);
    out.flush();
  }

  @Override
  public void close() {
    if (bar != null) bar.close();
    bar = null;
  }
}

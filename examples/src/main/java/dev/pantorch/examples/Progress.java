package dev.pantorch.examples;

import java.io.Console;
import java.io.PrintWriter;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/// A progress bar with lines above it. Where output goes to a file or a pipe there are only the
/// lines.
final class Progress implements AutoCloseable {
  private static final int WIDTH = 78;
  private static final String CLEAR_LINE = "\r\033[2K";

  private final PrintWriter out;
  private final @Nullable ProgressBar bar;

  /// Starts a bar for so many steps, if `out` is a terminal.
  @SuppressWarnings("SystemConsoleNull") // JDK 25 returns null where there is no terminal
  Progress(String task, long steps, PrintWriter out) {
    Console console = System.console();
    this.out = out;
    this.bar = console != null && console.isTerminal() ? newBar(task, steps) : null;
  }

  private static ProgressBar newBar(String task, long steps) {
    return new ProgressBarBuilder()
        .setTaskName(task)
        .setInitialMax(steps)
        .setStyle(ProgressBarStyle.ASCII)
        // Drawn by step() alone: a timer would draw between a line and its end.
        .setUpdateIntervalMillis(Integer.MAX_VALUE)
        .setConsumer(new ConsoleProgressBarConsumer(System.out, WIDTH))
        .build();
  }

  /// One step is done, and this is to be said of it.
  void step(String line) {
    if (bar != null) out.print(CLEAR_LINE);
    out.println(line);
    out.flush();
    if (bar != null) {
      bar.step();
      bar.refresh();
    }
  }

  @Override
  public void close() {
    if (bar != null) bar.close();
  }
}

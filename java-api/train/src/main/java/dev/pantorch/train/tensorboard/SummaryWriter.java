package dev.pantorch.train.tensorboard;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.Value;
import dev.pantorch.Tensor;
import dev.pantorch.ValueException;
import dev.pantorch.train.plot.Plot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/// Writes an event file for TensorBoard.
///
/// ```java
/// try (var writer = new SummaryWriter(Path.of("runs/lstm"))) {
///   writer.addScalar("loss", loss.item(), step);
///   writer.addHistogram("fc.weight", model.getParameter("fc.weight"), step);
///   writer.addFigure("confusion", ConfusionPlot.counts("Tags", names, matrix.counts()), step);
/// }
/// ```
///
/// `tensorboard --logdir runs` then shows every folder below `runs` as a run. The records are those
/// that Python's writer makes for the same calls. They reach the file after a while, on {@link
/// #flush} and on {@link #close}.
///
/// Safe for use by several threads.
///
/// [torch.utils.tensorboard](https://docs.pytorch.org/docs/2.13/tensorboard.html)
public final class SummaryWriter implements AutoCloseable {
  private static final AtomicInteger WRITERS = new AtomicInteger();
  private static final int STRING = 7;
  private static final int HPARAM_STRING = 1;
  private static final int HPARAM_BOOL = 2;
  private static final int HPARAM_NUMBER = 3;
  private static final int SUCCESS = 1;
  private static final double NANOS = 1e9;

  private final InstantSource clock;
  private final Duration flushInterval;
  private final Path file;
  private final RecordFile records;
  private Instant flushed;
  private boolean closed;

  /// Options of {@link SummaryWriter}.
  public static final class Options {
    private String filenameSuffix = "";
    private Duration flushInterval = Duration.ofMinutes(2);
    private InstantSource clock = InstantSource.system();

    private Options() {}

    /// What the file's name ends with.
    ///
    /// @param filenameSuffix nothing unless set
    /// @return these options
    public Options filenameSuffix(String filenameSuffix) {
      this.filenameSuffix = filenameSuffix;
      return this;
    }

    /// How long records may wait before they are written.
    ///
    /// @param flushInterval two minutes unless set
    /// @return these options
    public Options flushInterval(Duration flushInterval) {
      this.flushInterval = flushInterval;
      return this;
    }

    /// What time it is, which every record says.
    ///
    /// @param clock the system's unless set
    /// @return these options
    public Options clock(InstantSource clock) {
      this.clock = clock;
      return this;
    }
  }

  /// Begins a file.
  ///
  /// @param folder the run's folder, which is made if need be
  /// @throws IOException if the file cannot be made
  public SummaryWriter(Path folder) throws IOException {
    this(folder, o -> {});
  }

  /// Begins a file.
  ///
  /// @param folder the run's folder, which is made if need be
  /// @param settings sets the options
  /// @throws IOException if the file cannot be made
  public SummaryWriter(Path folder, Consumer<Options> settings) throws IOException {
    var options = new Options();
    settings.accept(options);
    clock = options.clock;
    flushInterval = options.flushInterval;
    flushed = clock.instant();
    file =
        Files.createDirectories(folder)
            .resolve(
                "events.out.tfevents.%010d.%s.%d.%d%s"
                    .formatted(
                        flushed.getEpochSecond(),
                        host(),
                        ProcessHandle.current().pid(),
                        WRITERS.getAndIncrement(),
                        options.filenameSuffix));
    records = new RecordFile(file);
    write(
        Messages.of(
            "Event",
            "wall_time",
            seconds(),
            "file_version",
            "brain.Event:2",
            "source_metadata",
            Messages.of(
                "SourceMetadata", "writer", "tensorboard.summary.writer.event_file_writer")));
    records.flush();
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      // The name tells files of several machines apart, no more.
      return "localhost";
    }
  }

  /// The file that is written.
  ///
  /// @return its path
  public Path file() {
    return file;
  }

  /// Adds a number to a curve.
  ///
  /// @param tag the curve; what stands before a `/` is its group
  /// @param value the number, kept as float
  /// @param step its place on the curve
  public void addScalar(String tag, double value, long step) {
    add(step, "tag", tag, "simple_value", (float) value);
  }

  /// Adds one number to each of several curves.
  ///
  /// @param values by tag
  /// @param step their place on the curves
  public void addScalars(Map<String, Double> values, long step) {
    values.forEach((tag, value) -> addScalar(tag, value, step));
  }

  /// Adds the distribution of a tensor's values.
  ///
  /// @param tag what it is of
  /// @param values any shape and real dtype, finite
  /// @param step its place in time
  /// @throws ValueException if there are no values, or one is not finite
  public void addHistogram(String tag, Tensor values, long step) {
    add(step, "tag", tag, "histo", Histograms.of(tag, values));
  }

  /// Adds a picture.
  ///
  /// @param tag what it is of
  /// @param image shape `(1, height, width)` for grey or `(3, height, width)` for red, green and
  ///   blue; from 0 to 255 as `uint8`, from 0 to 1 as floating numbers
  /// @param step its place in time
  /// @throws dev.pantorch.ShapeException if it has another shape
  public void addImage(String tag, Tensor image, long step) {
    add(step, "tag", tag, "image", Images.of(image));
  }

  /// Adds a plot.
  ///
  /// @param tag what it is of
  /// @param figure the plot
  /// @param step its place in time
  public void addFigure(String tag, Plot figure, long step) {
    add(step, "tag", tag, "image", Images.ofPng(figure.png()));
  }

  /// Adds a text.
  ///
  /// @param tag what it is
  /// @param text Markdown
  /// @param step its place in time
  public void addText(String tag, String text, long step) {
    add(
        step,
        "tag",
        tag + "/text_summary",
        "tensor",
        Messages.of(
            "TensorProto",
            "dtype",
            STRING,
            "tensor_shape",
            Messages.of("TensorShapeProto", "dim", List.of(Messages.of("Dim", "size", 1L))),
            "string_val",
            List.of(ByteString.copyFromUtf8(text))),
        "metadata",
        Messages.metadata("text", ByteString.EMPTY));
  }

  /// Says with which settings the run was made and what came out, for TensorBoard's table of runs.
  /// Once a run, each in a folder of its own.
  ///
  /// @param hparams numbers, texts and booleans by name
  /// @param metrics results by tag, which also become scalars at step 0
  /// @throws ValueException if a setting is of another type
  public void addHParams(Map<String, ?> hparams, Map<String, Double> metrics) {
    List<Message> infos = new ArrayList<>();
    List<Message> values = new ArrayList<>();
    hparams.forEach((name, setting) -> {
      var value = Value.newBuilder();
      int type =
          switch (setting) {
            case Boolean flag -> {
              value.setBoolValue(flag);
              yield HPARAM_BOOL;
            }
            case Number number -> {
              value.setNumberValue(number.doubleValue());
              yield HPARAM_NUMBER;
            }
            case String text -> {
              value.setStringValue(text);
              yield HPARAM_STRING;
            }
            default ->
                throw new ValueException(
                    "setting '%s' is a %s; value should be a number, a text or a boolean"
                        .formatted(name, setting.getClass().getName()));
          };
      infos.add(Messages.of("HParamInfo", "name", name, "type", type));
      values.add(Messages.of("HParam", "key", name, "value", value.build()));
    });
    List<Message> results =
        metrics.keySet().stream()
            .map(tag -> Messages.of("MetricInfo", "name", Messages.of("MetricName", "tag", tag)))
            .toList();
    hparams(
        "experiment", Messages.of("Experiment", "hparam_infos", infos, "metric_infos", results));
    hparams("session_start_info", Messages.of("SessionStartInfo", "hparams", values));
    hparams("session_end_info", Messages.of("SessionEndInfo", "status", SUCCESS));
    addScalars(metrics, 0);
  }

  private void hparams(String part, Message content) {
    add(
        0,
        "tag",
        "_hparams_/" + part,
        "metadata",
        Messages.metadata(
            "hparams", Messages.of("HParamsPluginData", part, content).toByteString()));
  }

  private void add(long step, Object... value) {
    write(
        Messages.of(
            "Event",
            "wall_time",
            seconds(),
            "step",
            step,
            "summary",
            Messages.of("Summary", "value", List.of(Messages.of("Value", value)))));
  }

  private double seconds() {
    Instant now = clock.instant();
    return now.getEpochSecond() + now.getNano() / NANOS;
  }

  private synchronized void write(Message event) {
    if (closed) {
      throw new IllegalStateException("the SummaryWriter of %s is closed".formatted(file));
    }
    try {
      records.write(event.toByteArray());
      Instant now = clock.instant();
      if (Duration.between(flushed, now).compareTo(flushInterval) >= 0) {
        records.flush();
        flushed = now;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Writes what waits.
  ///
  /// @throws IOException if that fails
  public synchronized void flush() throws IOException {
    if (!closed) records.flush();
  }

  /// Writes what waits and ends the file. A second call does nothing.
  ///
  /// @throws IOException if that fails
  @Override
  public synchronized void close() throws IOException {
    if (closed) return;
    closed = true;
    records.close();
  }
}

package dev.pantorch.train;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.pantorch.ValueException;
import dev.pantorch.train.plot.CurvePlot;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.csv.CSVFormat;

/// What came out of each epoch of a training.
///
/// ```java
/// History history = trainer.fit();
/// System.out.println(history); // a table
/// history.saveCsv(Path.of("history.csv"));
/// history.plot("Rain", "loss", "val_loss").save(Path.of("loss.png"));
/// ```
public final class History {
  private final List<EpochResult> epochs = new ArrayList<>();

  History() {}

  void add(EpochResult epoch) {
    epochs.add(epoch);
  }

  /// The epochs so far.
  ///
  /// @return a read-only view, the first epoch first
  public List<EpochResult> epochs() {
    return Collections.unmodifiableList(epochs);
  }

  /// The names of all figures.
  ///
  /// @return in the order in which they came up
  public SequencedSet<String> names() {
    return epochs.stream()
        .flatMap(epoch -> epoch.figures().keySet().stream())
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /// One figure over all epochs.
  ///
  /// @param name its name: `loss`, `val_loss`
  /// @return a value for each epoch; NaN where an epoch has none
  /// @throws ValueException if no epoch has it
  public List<Double> values(String name) {
    if (epochs.stream().noneMatch(epoch -> epoch.figures().containsKey(name))) {
      throw new ValueException("the history has no '%s'; it has %s".formatted(name, names()));
    }
    return epochs.stream().map(epoch -> epoch.figures().getOrDefault(name, Double.NaN)).toList();
  }

  /// The epoch in which a figure was best.
  ///
  /// @param name its name
  /// @param mode what is better
  /// @return the first of the best
  /// @throws ValueException if no epoch has it, or it was never a number
  public EpochResult best(String name, Mode mode) {
    List<Double> values = values(name);
    int best = -1;
    for (int i = 0; i < values.size(); i++) {
      double soFar = best < 0 ? Double.NaN : values.get(best);
      if (mode.isBetter(values.get(i), soFar, 0)) best = i;
    }
    if (best < 0) throw new ValueException("'%s' was never a number".formatted(name));
    return epochs.get(best);
  }

  /// Draws figures over the epochs.
  ///
  /// @param title what it is about
  /// @param names the figures, which share an axis
  /// @return a plot
  /// @throws ValueException if a figure is missing or was never finite
  public CurvePlot plot(String title, String... names) {
    var plot = new CurvePlot(title, names.length == 1 ? names[0] : "");
    for (String name : names) plot.curve(name, values(name));
    return plot;
  }

  /// Writes a table with a column for the epoch's number and one for each figure; empty where an
  /// epoch has none.
  ///
  /// @param file the file, replaced if it exists
  /// @throws IOException if it cannot be written
  public void saveCsv(Path file) throws IOException {
    SequencedSet<String> names = names();
    List<String> lines = new ArrayList<>();
    lines.add(
        CSVFormat.DEFAULT.format(Stream.concat(Stream.of("epoch"), names.stream()).toArray()));
    for (EpochResult epoch : epochs) {
      Stream<?> figures = names.stream().map(epoch.figures()::get);
      lines.add(
          CSVFormat.DEFAULT.format(Stream.concat(Stream.of(epoch.epoch()), figures).toArray()));
    }
    Files.write(file, lines);
  }

  /// Writes a list with an object for each epoch. What is not finite is null, since JSON has no
  /// such numbers.
  ///
  /// @param file the file, replaced if it exists
  /// @throws IOException if it cannot be written
  public void saveJson(Path file) throws IOException {
    try (Writer out = Files.newBufferedWriter(file);
        JsonGenerator json = new JsonFactory().createGenerator(out).useDefaultPrettyPrinter()) {
      json.writeStartArray();
      for (EpochResult epoch : epochs) {
        json.writeStartObject();
        json.writeNumberField("epoch", epoch.epoch());
        for (Map.Entry<String, Double> figure : epoch.figures().entrySet()) {
          if (Double.isFinite(figure.getValue())) {
            json.writeNumberField(figure.getKey(), figure.getValue());
          } else {
            json.writeNullField(figure.getKey());
          }
        }
        json.writeEndObject();
      }
      json.writeEndArray();
    }
  }

  /// A table for people: a line for each epoch.
  @Override
  public String toString() {
    List<String> names = List.copyOf(names());
    List<List<String>> rows = new ArrayList<>();
    List<String> head = new ArrayList<>(List.of("epoch"));
    head.addAll(names);
    rows.add(head);
    for (EpochResult epoch : epochs) {
      List<String> row = new ArrayList<>(List.of(String.valueOf(epoch.epoch())));
      for (String name : names) {
        Double figure = epoch.figures().get(name);
        row.add(figure == null ? "" : text(figure));
      }
      rows.add(row);
    }
    var table = new StringBuilder();
    for (List<String> row : rows) {
      for (int column = 0; column < row.size(); column++) {
        int at = column;
        int width = rows.stream().mapToInt(each -> each.get(at).length()).max().orElse(0);
        if (column > 0) table.append("  ");
        table.append(" ".repeat(width - row.get(column).length())).append(row.get(column));
      }
      table.append('\n');
    }
    return table.toString();
  }

  /// A figure in four digits after the point, or in scientific form where that would hide it.
  static String text(double figure) {
    double size = Math.abs(figure);
    boolean plain = size == 0 || (size >= 1e-2 && size < 1e6) || !Double.isFinite(figure);
    return String.format(Locale.ROOT, plain ? "%.4f" : "%.3e", figure);
  }

  // Checkpoints.

  List<Object> state() {
    List<Object> state = new ArrayList<>();
    for (EpochResult epoch : epochs) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("epoch", epoch.epoch());
      entry.put("figures", new LinkedHashMap<>(epoch.figures()));
      state.add(entry);
    }
    return state;
  }

  void loadState(List<?> state) {
    epochs.clear();
    for (Object entry : state) {
      var saved = new SavedValues("history", entry);
      var figures = new LinkedHashMap<String, Double>();
      saved
          .map("figures")
          .forEach((name, figure) -> {
            if (figure instanceof Number number) figures.put(name, number.doubleValue());
          });
      epochs.add(new EpochResult((int) saved.integer("epoch"), figures));
    }
  }
}

package dev.pantorch.metrics;

import dev.pantorch.ShapeException;
import dev.pantorch.Tensor;
import dev.pantorch.ValueException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// F1 of entities, as CoNLL counts it: an entity is right if its type, its first and its last token
/// are. Tags are read by the rules of conlleval, which are those of seqeval's default mode too:
/// IOB1, IOB2 and IOBES alike. An `I-` that continues nothing begins an entity.
///
/// ```java
/// var f1 = new EntityF1(List.of("O", "B-PER", "I-PER"));
/// f1.update(logits.argmax(2), tags, mask); // (32, 10, 3), (32, 10), (32, 10)
/// double overall = f1.compute();
/// double people = f1.perType().get("PER").f1();
/// ```
///
/// **Shape.** Predictions and targets: tag numbers $(N, T)$; tokens that the mask leaves out are as
/// if they were not in the sentence. No entity at all, predicted or true, gives 0.
///
/// [conlleval](https://www.clips.uantwerpen.be/conll2000/chunking/output.html)
public final class EntityF1 implements Metric {
  private final List<String> tags;
  private final Map<String, long[]> counts = new TreeMap<>();
  private long tokens;

  /// Precision, recall and F1 of a type, and how many entities there truly are.
  ///
  /// @param precision the share of predicted entities that are right
  /// @param recall the share of true entities that are found
  /// @param f1 their harmonic mean
  /// @param support the number of true entities
  public record Scores(double precision, double recall, double f1, long support) {}

  private record Entity(String type, int first, int last) {}

  /// Reads tags by number.
  ///
  /// @param tags the tag of each number: `O`, `B-PER`, ...
  public EntityF1(List<String> tags) {
    this.tags = List.copyOf(tags);
  }

  @Override
  public void update(Tensor predictions, Tensor targets, @Nullable Tensor mask) {
    @SuppressWarnings("ArrayRecordComponent") // taken apart at once, never compared
    record Batch(long[] predicted, long[] wanted, boolean @Nullable [] mask) {}
    Inputs.same("predictions", predictions, targets);
    if (targets.dim() != 2) {
      throw new ShapeException(
          "Expected tags of shape (N, T), but got %dD".formatted(targets.dim()));
    }
    Batch batch =
        Inputs.read(() ->
            new Batch(
                Inputs.longs(predictions), Inputs.longs(targets), Inputs.mask(mask, targets)));
    int length = (int) targets.size(1);
    for (int n = 0; n < targets.size(0); n++) {
      var predicted = new ArrayList<String>();
      var wanted = new ArrayList<String>();
      for (int i = n * length; i < (n + 1) * length; i++) {
        if (batch.mask != null && !batch.mask[i]) continue;
        predicted.add(tag(batch.predicted[i]));
        wanted.add(tag(batch.wanted[i]));
      }
      update(predicted, wanted);
    }
  }

  private String tag(long number) {
    if (number < 0 || number >= tags.size()) {
      throw new ValueException(
          "Tag %d is out of bounds: there are %d tags".formatted(number, tags.size()));
    }
    return tags.get((int) number);
  }

  /// Adds a sentence.
  ///
  /// @param predictions its tags as the model says
  /// @param targets its true tags
  public void update(List<String> predictions, List<String> targets) {
    if (predictions.size() != targets.size()) {
      throw new ShapeException(
          "Expected as many predictions as targets, but got %d and %d"
              .formatted(predictions.size(), targets.size()));
    }
    Set<Entity> predicted = entities(predictions);
    Set<Entity> wanted = entities(targets);
    for (Entity entity : predicted) {
      counts(entity)[1]++;
      if (wanted.contains(entity)) counts(entity)[0]++;
    }
    for (Entity entity : wanted) counts(entity)[2]++;
    tokens += targets.size();
  }

  private long[] counts(Entity entity) {
    return counts.computeIfAbsent(entity.type, type -> new long[3]);
  }

  private static Set<Entity> entities(List<String> tags) {
    var entities = new HashSet<Entity>();
    char before = 'O';
    String typeBefore = "";
    int first = 0;
    for (int i = 0; i <= tags.size(); i++) {
      String tag = i == tags.size() ? "O" : tags.get(i);
      char prefix = tag.isEmpty() ? 'O' : tag.charAt(0);
      String type = tag.length() > 2 ? tag.substring(2) : "";
      boolean inside = before != 'O';
      boolean changes =
          !type.equals(typeBefore) || "BSO".indexOf(prefix) >= 0 || "ES".indexOf(before) >= 0;
      if (inside && changes) entities.add(new Entity(typeBefore, first, i - 1));
      if (prefix != 'O' && (!inside || changes)) first = i;
      before = prefix;
      typeBefore = type;
    }
    return entities;
  }

  private static Scores scores(long[] counts) {
    double precision = counts[1] == 0 ? 0 : (double) counts[0] / counts[1];
    double recall = counts[2] == 0 ? 0 : (double) counts[0] / counts[2];
    double f1 = counts[1] + counts[2] == 0 ? 0 : 2.0 * counts[0] / (counts[1] + counts[2]);
    return new Scores(precision, recall, f1, counts[2]);
  }

  /// The figures over entities of all types.
  ///
  /// @return micro averages
  public Scores overall() {
    var sum = new long[3];
    for (long[] each : counts.values()) {
      for (int i = 0; i < 3; i++) sum[i] += each[i];
    }
    return scores(sum);
  }

  /// The figures of each type.
  ///
  /// @return by type, in alphabetical order
  public Map<String, Scores> perType() {
    var figures = new TreeMap<String, Scores>();
    counts.forEach((type, each) -> figures.put(type, scores(each)));
    return figures;
  }

  @Override
  public double compute() {
    return tokens == 0 ? Double.NaN : overall().f1();
  }

  @Override
  public void reset() {
    counts.clear();
    tokens = 0;
  }
}

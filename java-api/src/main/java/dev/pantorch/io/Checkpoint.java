package dev.pantorch.io;

import dev.pantorch.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What was in a file that `torch.save` wrote, in Python or here, with access by key and type.
///
/// ```java
/// Torch.save(
///     Map.of("model", model.stateDict(), "optimizer", optimizer.stateDict(), "epoch", 7), path);
///
/// Checkpoint checkpoint = Torch.load(path);
/// model.loadStateDict(checkpoint.stateDict("model"));
/// optimizer.loadStateDict(checkpoint.map("optimizer"));
/// long epoch = checkpoint.integer("epoch");
/// ```
///
/// Python's values are here:
///
/// | Python | Java |
/// |---|---|
/// | `None`, `bool`, `str` | null, `Boolean`, `String` |
/// | `int` | `Integer` if it fits, else `Long`, else `BigInteger` |
/// | `float`, `complex` | `Double`, {@link dev.pantorch.Complex} |
/// | `bytes`, `bytearray` | `byte[]` |
/// | `list`, `tuple`, `set` | `ArrayList`, {@link Tuple}, `LinkedHashSet` |
/// | `dict`, `OrderedDict` | `LinkedHashMap`, {@link OrderedDict} |
/// | tensor, `nn.Parameter` | {@link Tensor}, which requires gradients as it did |
/// | `torch.Size`, `torch.dtype` | `long[]`, {@link dev.pantorch.DType} |
/// | `torch.device`, `torch.layout` | {@link dev.pantorch.Device}, {@link dev.pantorch.Layout} |
/// | numpy's numbers and arrays | `Double`, `Integer`, ..., {@link Tensor} |
///
/// **Ownership.** The tensors belong to the scope in which the file was loaded, like all others.
///
/// @param value the value, null for None
public record Checkpoint(@Nullable Object value) {
  /// Reads a file; what {@link dev.pantorch.Torch#load(Path, Consumer)} does.
  ///
  /// @param path the file
  /// @param options how to read it
  /// @return its value
  /// @throws IOException if it cannot be read, is broken, or names something that is neither
  ///   tensor, container nor number; says what and where
  public static Checkpoint load(Path path, Consumer<LoadOptions> options) throws IOException {
    LoadOptions chosen = new LoadOptions();
    options.accept(chosen);
    return new Checkpoint(CheckpointReader.read(path, chosen));
  }

  /// Writes a file; what {@link dev.pantorch.Torch#save(Object, Path, Consumer)} does.
  ///
  /// @param value the value
  /// @param path the file, replaced if it exists
  /// @param options how to write it
  /// @throws IOException if it cannot be written; what was there before is untouched
  public static void save(@Nullable Object value, Path path, Consumer<SaveOptions> options)
      throws IOException {
    SaveOptions chosen = new SaveOptions();
    options.accept(chosen);
    CheckpointWriter.write(value, path, chosen);
  }

  /// The whole value as a module's state dict, when that is what was saved.
  ///
  /// @return the tensors by path
  /// @throws IllegalStateException if it is something else
  public SequencedMap<String, Tensor> stateDict() {
    return tensors("the checkpoint", value);
  }

  /// A module's state dict in the checkpoint.
  ///
  /// @param key its key
  /// @return the tensors by path
  /// @throws IllegalStateException if something else is there, or nothing
  public SequencedMap<String, Tensor> stateDict(String key) {
    return tensors(where(key), get(key));
  }

  private static SequencedMap<String, Tensor> tensors(String where, @Nullable Object value) {
    SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
    dict(where, value, "a state dict, a dict of tensors")
        .forEach((name, tensor) -> {
          if (!(name instanceof String text) || !(tensor instanceof Tensor t)) {
            throw wrong("%s[%s]".formatted(where, name), tensor, "a tensor");
          }
          tensors.put(text, t);
        });
    return tensors;
  }

  /// The whole value as a dict.
  ///
  /// @return the values by key
  /// @throws IllegalStateException if it is none, or has keys that are no texts
  public SequencedMap<String, @Nullable Object> map() {
    return texts("the checkpoint", value);
  }

  /// A dict in the checkpoint, such as the state of an optimizer or a scheduler.
  ///
  /// @param key its key
  /// @return the values by key
  /// @throws IllegalStateException if something else is there, or nothing
  public SequencedMap<String, @Nullable Object> map(String key) {
    return texts(where(key), get(key));
  }

  private static SequencedMap<String, @Nullable Object> texts(
      String where, @Nullable Object value) {
    SequencedMap<String, @Nullable Object> texts = new LinkedHashMap<>();
    dict(where, value, "a dict")
        .forEach((name, part) -> {
          if (!(name instanceof String text)) {
            throw new IllegalStateException(
                "%s has the key %s; use value()".formatted(where, name));
          }
          texts.put(text, part);
        });
    return texts;
  }

  private static String where(String key) {
    return "checkpoint['%s']".formatted(key);
  }

  /// A list, tuple or torch.Size in the checkpoint.
  ///
  /// @param key its key
  /// @return the elements
  /// @throws IllegalStateException if something else is there, or nothing
  public List<? extends @Nullable Object> list(String key) {
    Object value = get(key);
    if (value instanceof long[] size) return Pickler.longs(size);
    if (value instanceof List<?> list) return list;
    throw wrong(where(key), value, "a list");
  }

  /// A tensor in the checkpoint.
  ///
  /// @param key its key
  /// @return the tensor
  /// @throws IllegalStateException if something else is there, or nothing
  public Tensor tensor(String key) {
    return typed(where(key), get(key), Tensor.class, "a tensor");
  }

  /// A text in the checkpoint.
  ///
  /// @param key its key
  /// @return the text
  /// @throws IllegalStateException if something else is there, or nothing
  public String text(String key) {
    return typed(where(key), get(key), String.class, "a text");
  }

  /// A truth value in the checkpoint.
  ///
  /// @param key its key
  /// @return the truth value
  /// @throws IllegalStateException if something else is there, or nothing
  public boolean flag(String key) {
    return typed(where(key), get(key), Boolean.class, "a truth value");
  }

  /// An integer in the checkpoint.
  ///
  /// @param key its key
  /// @return the integer
  /// @throws IllegalStateException if something else is there, or nothing
  public long integer(String key) {
    Object value = get(key);
    if (value instanceof Integer || value instanceof Long) return ((Number) value).longValue();
    throw wrong(where(key), value, "an integer");
  }

  /// A number in the checkpoint, whole or not.
  ///
  /// @param key its key
  /// @return the number
  /// @throws IllegalStateException if something else is there, or nothing
  public double number(String key) {
    return typed(where(key), get(key), Number.class, "a number").doubleValue();
  }

  /// Whether the value is a dict with a key.
  ///
  /// @param key the key
  /// @return whether it is there
  public boolean has(String key) {
    return value instanceof Map<?, ?> map && map.containsKey(key);
  }

  private @Nullable Object get(String key) {
    Map<?, ?> map = dict("the checkpoint", value, "a dict");
    if (!map.containsKey(key)) {
      throw new IllegalStateException(
          "the checkpoint has no '%s'; it has %s".formatted(key, map.keySet()));
    }
    return map.get(key);
  }

  private static Map<?, ?> dict(String where, @Nullable Object value, String expected) {
    if (value instanceof Map<?, ?> map) return map;
    throw wrong(where, value, expected);
  }

  private static <T> T typed(String where, @Nullable Object value, Class<T> type, String expected) {
    if (type.isInstance(value)) return type.cast(value);
    throw wrong(where, value, expected);
  }

  private static IllegalStateException wrong(
      String where, @Nullable Object value, String expected) {
    return new IllegalStateException(
        "%s is %s; expected %s"
            .formatted(
                where, value == null ? "null" : "a " + value.getClass().getSimpleName(), expected));
  }
}

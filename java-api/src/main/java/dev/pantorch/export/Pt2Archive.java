package dev.pantorch.export;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.pantorch.internal.FileBytes;
import dev.pantorch.internal.ZipReader;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A `.pt2` file: the models in it, and the files of each.
final class Pt2Archive {
  private static final Pattern MODEL_FILE =
      Pattern.compile("(?:[^/]*/)?data/aotinductor/(.+)/([^/]+)");
  private static final Pattern EXPORTED =
      Pattern.compile("(?:[^/]*/)?models/[^/]+\\.json|serialized_exported_program\\.json");
  private static final Pattern SCRIPT = Pattern.compile("[^/]*/constants\\.pkl");
  private static final Pattern CHECKPOINT = Pattern.compile("[^/]*/data\\.pkl");
  private static final Pattern LIBRARY = Pattern.compile(".*\\.(so|pyd)");
  private static final String METADATA = "_metadata.json";
  private static final long MAX_TEXT = 256L << 20;
  private static final byte[] ZIP = {'P', 'K', 3, 4};
  private static final JsonFactory JSON = new JsonFactory();

  private final ZipReader zip;
  private final SequencedMap<String, SequencedMap<String, ZipReader.Entry>> models =
      new LinkedHashMap<>();

  private Pt2Archive(FileChannel file) throws IOException {
    if (file.size() < ZIP.length || !Arrays.equals(FileBytes.read(file, 0, ZIP.length), ZIP)) {
      throw new IOException("it is no zip archive");
    }
    zip = new ZipReader(file);
    for (ZipReader.Entry entry : zip.entries().values()) {
      refuseUnsafe(entry.name());
      Matcher name = MODEL_FILE.matcher(entry.name());
      if (name.matches()) {
        models.computeIfAbsent(name.group(1), m -> new LinkedHashMap<>()).put(name.group(2), entry);
      }
    }
    if (models.isEmpty()) throw new IOException(instead());
  }

  /// What is done with an open archive.
  interface Use<T> {
    T with(Pt2Archive archive) throws IOException;
  }

  /// Opens an archive, whose names have all been checked.
  static <T> T read(Path path, Use<T> use) throws IOException {
    if (!Files.isRegularFile(path)) {
      throw new FileNotFoundException("there is no package %s".formatted(path));
    }
    try (FileChannel file = FileChannel.open(path)) {
      return use.with(new Pt2Archive(file));
    } catch (AccessDeniedException e) {
      throw e;
    } catch (IOException e) {
      throw new IOException("%s cannot be loaded: %s".formatted(path, e.getMessage()), e);
    }
  }

  private static void refuseUnsafe(String name) throws IOException {
    boolean unsafe = name.indexOf('\\') >= 0 || name.indexOf(':') >= 0 || name.indexOf(0) >= 0;
    for (String part : name.split("/", -1)) {
      unsafe |= part.isEmpty() || part.equals(".") || part.equals("..");
    }
    if (unsafe) {
      throw new IOException(
          "record '%s' has a name that could lead out of its folder".formatted(name));
    }
  }

  /// What the file is, if it is no package.
  private String instead() {
    if (has(EXPORTED)) {
      return "it is what torch.export.save writes, a program without compiled code, which libtorch"
          + " runs in Python only; compile it there: torch._inductor.aoti_compile_and_package("
          + "torch.export.load(\"model.pt2\"), package_path=\"compiled.pt2\")";
    }
    if (has(SCRIPT)) return "it is a TorchScript archive; load it with Jit.load";
    if (has(CHECKPOINT)) return "it is a checkpoint of torch.save; load it with Torch.load";
    return "it is a zip archive, but no package: it has no folder data/aotinductor";
  }

  private boolean has(Pattern name) {
    return zip.entries().keySet().stream().anyMatch(name.asMatchPredicate());
  }

  SequencedSet<String> models() {
    return new LinkedHashSet<>(models.keySet());
  }

  private SequencedMap<String, ZipReader.Entry> files(String model) throws IOException {
    SequencedMap<String, ZipReader.Entry> files = models.get(model);
    if (files == null) {
      throw new IOException(
          "it has no model '%s'; it has %s".formatted(model, models.sequencedKeySet()));
    }
    return files;
  }

  /// The texts that the compiler has noted, those of the host's code in front of those of kernels.
  Map<String, String> metadata(String model) throws IOException {
    Map<String, String> metadata = new LinkedHashMap<>();
    for (ZipReader.Entry file : files(model).values()) {
      if (!file.name().endsWith(METADATA)) continue;
      readTexts(zip.bytes(file, MAX_TEXT), file.name()).forEach(metadata::putIfAbsent);
    }
    return metadata;
  }

  private static Map<String, String> readTexts(byte[] json, String name) throws IOException {
    Map<String, String> texts = new LinkedHashMap<>();
    try (JsonParser parser = JSON.createParser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("record '%s' is no JSON object".formatted(name));
      }
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String key = parser.currentName();
        if (parser.nextToken() != JsonToken.VALUE_STRING) {
          throw new IOException("record '%s' has a '%s' that is no text".formatted(name, key));
        }
        texts.put(key, parser.getText());
      }
    } catch (JsonProcessingException e) {
      throw new IOException(
          "record '%s' is no valid JSON: %s".formatted(name, e.getOriginalMessage()), e);
    }
    return texts;
  }

  /// The source of the code around the kernels, which says what the model takes; null if there is
  /// none.
  @Nullable String source(String model) throws IOException {
    for (Map.Entry<String, ZipReader.Entry> file : files(model).entrySet()) {
      if (!file.getKey().endsWith(".cpp")) continue;
      String text = new String(zip.bytes(file.getValue(), MAX_TEXT), StandardCharsets.UTF_8);
      if (ModelSource.isModel(text)) return text;
    }
    return null;
  }

  /// Writes a model's files below a folder, and returns its library.
  Path unpack(String model, Path folder) throws IOException {
    SequencedMap<String, ZipReader.Entry> files = files(model);
    if (files.keySet().stream().noneMatch(name -> LIBRARY.matcher(name).matches())) {
      throw new IOException(
          "model '%s' has only sources (aot_inductor.package_cpp_only); compile them into a library, or leave that setting out"
              .formatted(model));
    }
    Path target = Files.createDirectories(folder.resolve("data/aotinductor").resolve(model));
    Path library = target;
    for (Map.Entry<String, ZipReader.Entry> file : files.entrySet()) {
      Path path = target.resolve(file.getKey());
      try (FileChannel out =
          FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        zip.copy(file.getValue(), out);
      }
      if (LIBRARY.matcher(file.getKey()).matches()) library = path;
    }
    return library;
  }
}

package dev.pantorch.onnx;

import ai.onnx.proto.OnnxMl.ModelProto;
import dev.pantorch.internal.AtomicFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Consumer;

/// Writes a model: one file, or a small one and one of its weights.
final class ModelFile {
  private final Path path;
  private final String name;
  private final ModelProto model;
  private final ExternalWeights weights;

  ModelFile(Path path, ModelProto model, ExternalWeights weights) {
    this.path = path.toAbsolutePath();
    this.name = name(path);
    this.model = model;
    this.weights = weights;
  }

  static String name(Path path) {
    return Objects.requireNonNull(path.getFileName(), "the path names no file").toString();
  }

  /// Writes the weights, if they have a file, then the model, which names that file. Whoever reads
  /// at any moment finds the old model with its weights, or the new one with its own.
  ///
  /// @param check is given the model before its file is there
  void write(Consumer<OnnxSession> check, boolean isChecked) throws IOException {
    byte[] bytes = model.toByteArray();
    if (isChecked) {
      requireRuntime();
      OnnxRules.check(model);
    }
    if (!weights.isExternal()) {
      if (isChecked) {
        try (OnnxSession session = OnnxSession.of(bytes)) {
          check.accept(session);
        }
      }
      write(path, bytes);
    } else {
      writeWithWeights(bytes, check, isChecked);
    }
    removeOldWeights();
  }

  private static void requireRuntime() {
    try {
      Class.forName("ai.onnxruntime.OrtEnvironment", false, ModelFile.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new OnnxExportException(
          "verify() runs the model in ONNX Runtime, which is not on the class path; add"
              + " com.microsoft.onnxruntime:onnxruntime",
          e);
    }
  }

  private void writeWithWeights(byte[] bytes, Consumer<OnnxSession> check, boolean isChecked)
      throws IOException {
    Path data = path.resolveSibling(weights.fileName());
    boolean isNew = !Files.exists(data);
    boolean isDone = false;
    try {
      AtomicFile.write(data, weights::writeTo);
      if (isChecked) checkBeside(bytes, check);
      write(path, bytes);
      isDone = true;
    } finally {
      if (isNew && !isDone) Files.deleteIfExists(data);
    }
  }

  /// ONNX Runtime looks for weights beside the model's file.
  private void checkBeside(byte[] bytes, Consumer<OnnxSession> check) throws IOException {
    Path temporary = path.resolveSibling("." + name + "." + UUID.randomUUID() + ".tmp");
    try {
      Files.write(temporary, bytes);
      try (OnnxSession session = OnnxSession.of(temporary)) {
        check.accept(session);
      }
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private static void write(Path path, byte[] bytes) throws IOException {
    AtomicFile.write(
        path,
        file -> {
          ByteBuffer rest = ByteBuffer.wrap(bytes);
          while (rest.hasRemaining()) file.write(rest);
        });
  }

  /// Those of models that had this name before.
  private void removeOldWeights() throws IOException {
    String current = weights.isExternal() ? weights.fileName() : "";
    String pattern = ExternalWeights.pattern(name);
    Path folder = Objects.requireNonNull(path.getParent());
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(folder, file -> name(file).matches(pattern))) {
      for (Path file : files) {
        if (!name(file).equals(current)) Files.delete(file);
      }
    }
  }
}

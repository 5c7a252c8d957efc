package dev.pantorch.examples;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A Python that has PyTorch of libtorch's version: the one on the PATH, or one of its own in the
/// user's cache, which pip fills once.
///
/// @param executable the Python
record PythonWithTorch(Path executable) {
  private static final String TORCH = "2.13.0";
  private static final List<String> PACKAGES =
      List.of(
          "torch==" + TORCH,
          "numpy",
          "typing_extensions",
          "filelock",
          "sympy",
          "mpmath",
          "networkx",
          "jinja2",
          "MarkupSafe",
          "fsspec",
          "setuptools");
  private static final int SHOWN_LINES = 5;

  /// Finds or makes one.
  ///
  /// @param given the one that the user names; null to look for one
  /// @throws ExampleData.UnavailableException if there is none and none can be made
  static PythonWithTorch find(@Nullable Path given) throws IOException {
    if (given != null) {
      var python = new PythonWithTorch(given);
      if (python.hasTorch()) return python;
      throw new ExampleData.UnavailableException(
          "--python %s has no PyTorch %s; install it there, or leave --python out"
              .formatted(given, TORCH));
    }
    var onPath = new PythonWithTorch(Path.of("python3"));
    if (onPath.hasTorch()) return onPath;
    boolean windows = File.separatorChar == '\\';
    Path folder = ExampleData.cacheFolder().resolveSibling("python-" + TORCH);
    var own = new PythonWithTorch(folder.resolve(windows ? "Scripts/python.exe" : "bin/python"));
    if (!own.hasTorch()) own.install(onPath, folder);
    return own;
  }

  private boolean hasTorch() throws IOException {
    try {
      return run("-c", "import torch; assert torch.__version__.split('+')[0] == '" + TORCH + "'")
          .isEmpty();
    } catch (ExampleData.UnavailableException e) {
      return false;
    }
  }

  private void install(PythonWithTorch maker, Path folder) throws IOException {
    try {
      maker.run("-m", "venv", "--clear", folder.toString());
      // libtorch is enough: what the CUDA build wants besides is not needed on the CPU.
      List<String> pip = new ArrayList<>(List.of("-m", "pip", "install", "--quiet", "--no-deps"));
      pip.addAll(PACKAGES);
      run(pip.toArray(String[]::new));
    } catch (ExampleData.UnavailableException e) {
      throw new ExampleData.UnavailableException(
          """
          There is no Python with PyTorch %1$s to try the models in, and pip made none:
            %2$s
            remedy: name one with --python, or leave Python out with --no-python\
          """
              .formatted(TORCH, e.getMessage()));
    }
  }

  /// Runs Python.
  ///
  /// @return what it printed, line by line
  /// @throws ExampleData.UnavailableException if it failed; the message is the end of what it said
  List<String> run(String... arguments) throws IOException {
    List<String> command =
        Stream.concat(Stream.of(executable.toString()), Stream.of(arguments)).toList();
    Path log = Files.createTempFile("python", ".txt");
    try {
      int code;
      try {
        code =
            new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start()
                .waitFor();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new ExampleData.UnavailableException("interrupted while Python ran");
      } catch (IOException e) {
        throw new ExampleData.UnavailableException(
            executable + " does not start: " + e.getMessage());
      }
      List<String> said = Files.readAllLines(log);
      if (code == 0) return said;
      throw new ExampleData.UnavailableException(
          String.join("\n  ", said.subList(Math.max(0, said.size() - SHOWN_LINES), said.size())));
    } finally {
      Files.delete(log);
    }
  }
}

package dev.pantorch.onnx;

import dev.pantorch.Torch;
import dev.pantorch.nn.Linear;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Exports where ONNX Runtime is not on the class path: without a verification, then with one.
final class WithoutRuntime {
  private WithoutRuntime() {}

  @SuppressWarnings("SystemOut") // it is read by the test that starts this
  public static void main(String[] arguments) throws IOException {
    Path path = Path.of(arguments[0]);
    Linear model = new Linear(3, 2);
    Onnx.export(model, List.of(Torch.randn(2, 3)), path, o -> {});
    System.out.println(Files.exists(path));
    try {
      Onnx.export(model, List.of(Torch.randn(2, 3)), path, o -> o.verify());
    } catch (OnnxExportException refused) {
      System.out.println(refused.getMessage());
    }
  }
}

package dev.pantorch.parity;

import static dev.pantorch.testing.TensorAssert.assertThat;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `from_file` takes the name of a file, which has no place in a fixture.
class FromFileTest {
  @Test
  void should_read_the_elements_that_lie_in_a_file(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("floats");
    ByteBuffer bytes = ByteBuffer.allocate(16).order(ByteOrder.nativeOrder());
    bytes.asFloatBuffer().put(new float[] {1.5f, -2, 0, 3});
    Files.write(file, bytes.array());
    try (TensorScope scope = TensorScope.open()) {
      Tensor tensor = Torch.fromFile(file.toString(), false, 4L, DType.FLOAT32);
      assertThat(tensor).hasShape(4).hasDType(DType.FLOAT32).hasValues(1.5, -2, 0, 3);
    }
  }
}

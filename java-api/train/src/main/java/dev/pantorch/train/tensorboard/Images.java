package dev.pantorch.train.tensorboard;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.pantorch.DType;
import dev.pantorch.ShapeException;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Objects;
import javax.imageio.ImageIO;

/// Tensors and plots as pictures.
final class Images {
  private static final int RGB = 3;

  private Images() {}

  static Message of(Tensor image) {
    long[] shape = image.shape();
    if (shape.length != 3 || (shape[0] != 1 && shape[0] != RGB)) {
      throw new ShapeException(
          "an image has the shape (1, height, width) or (3, height, width), but got "
              + Arrays.toString(shape));
    }
    int channels = (int) shape[0];
    int height = (int) shape[1];
    int width = (int) shape[2];
    double[] values =
        TensorScope.scope(() ->
            // As in Python: integers are levels, and other numbers parts of the greatest.
            image
                .detach()
                .to(DType.FLOAT32)
                .mul(image.dtype() == DType.UINT8 ? 1 : 255)
                .clamp(0, 255)
                .to(DType.FLOAT64)
                .reshape(-1)
                .toDoubleArray());
    var picture =
        new BufferedImage(
            width,
            height,
            channels == 1 ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_INT_RGB);
    int[] pixel = new int[channels];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        for (int c = 0; c < channels; c++) {
          pixel[c] = (int) values[(c * height + y) * width + x];
        }
        picture.getRaster().setPixel(x, y, pixel);
      }
    }
    var png = new ByteArrayOutputStream();
    try {
      ImageIO.write(picture, "png", png);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return image(height, width, channels, png.toByteArray());
  }

  static Message ofPng(byte[] png) {
    try {
      BufferedImage image =
          Objects.requireNonNull(ImageIO.read(new ByteArrayInputStream(png)), "not a PNG");
      return image(
          image.getHeight(), image.getWidth(), image.getColorModel().getNumComponents(), png);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Message image(int height, int width, int channels, byte[] png) {
    return Messages.of(
        "Image",
        "height",
        height,
        "width",
        width,
        "colorspace",
        channels,
        "encoded_image_string",
        ByteString.copyFrom(png));
  }
}

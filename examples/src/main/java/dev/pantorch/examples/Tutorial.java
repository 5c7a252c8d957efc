package dev.pantorch.examples;

import static dev.pantorch.nn.utils.ClipGrad.clipGradNorm_;

import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.nn.BCEWithLogitsLoss;
import dev.pantorch.optim.Adam;

/// The tutorial's first program: an LSTM learns 32 random sequences by heart.
///
/// Nothing can be learned from noise but the noise itself, so the loss only shows that training
/// works. The same seed in Python gives the same numbers.
public final class Tutorial {
  private static final int EPOCHS = 50;

  private Tutorial() {}

  /// Trains, printing a line an epoch.
  ///
  /// @param args none
  public static void main(String[] args) {
    Torch.manualSeed(42);
    var model = new LSTMModel(5, 64, 2, 1);
    Tensor x = Torch.randn(32, 10, 5); // batch, steps, features
    Tensor y = Torch.randint(0, 2, 32).float32();

    var criterion = new BCEWithLogitsLoss();
    var optimizer = new Adam(model.parameters(), 1e-3);
    for (int epoch = 1; epoch <= EPOCHS; epoch++) {
      try (var scope = TensorScope.open()) {
        optimizer.zeroGrad();
        Tensor loss = criterion.forward(model.forward(x).squeeze(), y);
        loss.backward();
        clipGradNorm_(model.parameters(), 1.0);
        optimizer.step();
        System.out.printf("Epoch [%d/%d], Loss: %.4f%n", epoch, EPOCHS, loss.item());
      }
    }
  }
}

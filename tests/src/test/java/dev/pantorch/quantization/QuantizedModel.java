package dev.pantorch.quantization;

import dev.pantorch.Tensor;
import dev.pantorch.nn.GRU;
import dev.pantorch.nn.GRUCell;
import dev.pantorch.nn.LSTM;
import dev.pantorch.nn.LSTMCell;
import dev.pantorch.nn.Linear;
import dev.pantorch.nn.Module;
import dev.pantorch.nn.RNN;
import dev.pantorch.nn.RNNCell;

/// One layer of each kind that can be quantized dynamically, from (N, steps, 6) to (N, 3).
public final class QuantizedModel extends Module {
  final LSTM lstm = register("lstm", new LSTM(6, 8, o -> o.numLayers(2).batchFirst(true)));
  final GRU gru = register("gru", new GRU(8, 8, o -> o.bidirectional(true).batchFirst(true)));
  final LSTMCell lstmCell = register("lstm_cell", new LSTMCell(16, 8));
  final GRUCell gruCell = register("gru_cell", new GRUCell(8, 8));
  final RNNCell tanhCell = register("tanh_cell", new RNNCell(8, 8));
  final RNNCell reluCell =
      register("relu_cell", new RNNCell(8, 8, o -> o.nonlinearity(RNN.Nonlinearity.RELU)));
  final Linear fc = register("fc", new Linear(8, 3));
  final Linear plain = register("plain", new Linear(3, 3, o -> o.bias(false)));

  /// From (N, steps, 6) to (N, 3).
  public Tensor forward(Tensor x) {
    Tensor steps = gru.forward(lstm.forward(x).output()).output();
    Tensor h = lstmCell.forward(steps.select(1, -1)).h();
    return plain.forward(fc.forward(reluCell.forward(tanhCell.forward(gruCell.forward(h)))));
  }
}

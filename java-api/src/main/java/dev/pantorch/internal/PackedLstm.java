package dev.pantorch.internal;

import dev.pantorch.Tensor;
import dev.pantorch.ffi.generated.pantorch_h;
import dev.pantorch.ops.LstmResult;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The weights of an LSTM in the order that oneDNN computes with (`pantorch/lstm.h`). Any number of
/// threads may compute with them at once, and clear them meanwhile.
public final class PackedLstm {
  private final NativeHandle handle;
  private final long numLayers;
  private final boolean biases;
  private final boolean bidirectional;
  private final boolean batchFirst;

  /// Room for the weights of an LSTM, none packed yet.
  public PackedLstm(long numLayers, boolean biases, boolean bidirectional, boolean batchFirst) {
    NativeRuntime.ensureLoaded();
    this.handle =
        new NativeHandle(pantorch_h.pt_packed_lstm_create(), pantorch_h::pt_packed_lstm_free);
    this.numLayers = numLayers;
    this.biases = biases;
    this.bidirectional = bidirectional;
    this.batchFirst = batchFirst;
  }

  /// Packs weights, in the order in which `aten::lstm` takes them.
  ///
  /// @return whether such weights can be packed
  public boolean pack(List<Tensor> weights) {
    CallFrame f = CallFrame.enter();
    try {
      write(f, weights);
      NativeErrors.check(pantorch_h.pt_packed_lstm_pack(handle.in(f), f.packet()));
      return f.boolResult(0);
    } finally {
      f.exit();
    }
  }

  /// What `aten::lstm.input` computes outside of training; null where it has to be asked itself.
  ///
  /// @param weights those that were packed
  /// @param h the first states, null with `c` for zeros
  public @Nullable LstmResult forward(
      List<Tensor> weights, Tensor input, @Nullable Tensor h, @Nullable Tensor c) {
    CallFrame f = CallFrame.enter();
    try {
      write(f, weights);
      f.bool(5, batchFirst);
      f.tensor(6, input);
      f.tensorOrNone(7, h);
      f.tensorOrNone(8, c);
      NativeErrors.check(pantorch_h.pt_packed_lstm_forward(handle.in(f), f.packet()));
      return f.out() == 0
          ? null
          : new LstmResult(f.tensorResult(0), f.tensorResult(1), f.tensorResult(2));
    } finally {
      f.exit();
    }
  }

  private void write(CallFrame f, List<Tensor> weights) {
    f.tensors(0, weights);
    f.int64(2, numLayers);
    f.bool(3, biases);
    f.bool(4, bidirectional);
  }

  /// Frees the packed weights, once the calls that use them are over.
  public void clear() {
    CallFrame f = CallFrame.enter();
    try {
      pantorch_h.pt_packed_lstm_clear(handle.in(f));
    } finally {
      f.exit();
    }
  }
}

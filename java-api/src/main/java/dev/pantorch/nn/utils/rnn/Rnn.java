package dev.pantorch.nn.utils.rnn;

import dev.pantorch.DType;
import dev.pantorch.ShapeException;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import dev.pantorch.nn.NnFunctions;
import dev.pantorch.ops.Internal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Packs, pads and unpacks sequences of different lengths: the functions of `torch.nn.utils.rnn`.
///
/// ```java
/// PackedSequence packed = Rnn.packPaddedSequence(x, lengths, true, false);
/// Rnn.Padded result = Rnn.padPackedSequence(lstm.forward(packed).output(), true);
/// ```
///
/// [torch.nn.utils.rnn](https://docs.pytorch.org/docs/2.13/nn.html#utility-functions-in-other-modules)
public final class Rnn {
  private Rnn() {}

  /// What {@link #padPackedSequence} returns.
  ///
  /// @param output the padded sequences
  /// @param lengths how long each is, int64 on the CPU
  public record Padded(Tensor output, Tensor lengths) {}

  /// Packs padded sequences that are sorted by length, sequence first.
  ///
  /// @param input $(L, N, *)$
  /// @param lengths $N$ lengths, the longest first, on the CPU
  /// @return the packed sequences
  /// @throws dev.pantorch.TorchException if the lengths do not fit the input, are not positive or
  ///   not sorted
  public static PackedSequence packPaddedSequence(Tensor input, Tensor lengths) {
    return packPaddedSequence(input, lengths, false, true);
  }

  /// Packs padded sequences.
  ///
  /// @param input $(N, L, *)$ if batch first, else $(L, N, *)$
  /// @param lengths $N$ lengths from 1 to $L$, on the CPU
  /// @param batchFirst whether the batch is the first dimension
  /// @param enforceSorted whether the lengths have to be sorted, the longest first; if not, the
  ///   sequences are sorted here, and layers and {@link #padPackedSequence} undo it
  /// @return the packed sequences
  /// @throws dev.pantorch.TorchException if the lengths do not fit the input, are not positive or
  ///   not sorted
  public static PackedSequence packPaddedSequence(
      Tensor input, Tensor lengths, boolean batchFirst, boolean enforceSorted) {
    Tensor counts = lengths.to(DType.INT64).contiguous();
    check(input, counts, batchFirst);
    Tensor sorted = null;
    Tensor ordered = input;
    if (!enforceSorted) {
      var order = Torch.sort(counts, 0, true);
      counts = order.values();
      sorted = order.indices().to(input.device());
      ordered = input.indexSelect(batchFirst ? 0 : 1, sorted);
    }
    var packed = Internal.packPaddedSequence(ordered, counts, batchFirst);
    return new PackedSequence(packed.data(), packed.batchSizes(), sorted, null);
  }

  /// Packs padded sequences whose lengths are given as numbers.
  ///
  /// @param input $(N, L, *)$ if batch first, else $(L, N, *)$
  /// @param lengths $N$ lengths from 1 to $L$
  /// @param batchFirst whether the batch is the first dimension
  /// @param enforceSorted whether the lengths have to be sorted, the longest first
  /// @return the packed sequences
  /// @throws dev.pantorch.TorchException if the lengths do not fit the input, are not positive or
  ///   not sorted
  public static PackedSequence packPaddedSequence(
      Tensor input, long[] lengths, boolean batchFirst, boolean enforceSorted) {
    return packPaddedSequence(input, Torch.tensor(lengths), batchFirst, enforceSorted);
  }

  // Without sorting libtorch checks this itself; sorting would drop sequences before it looks.
  private static void check(Tensor input, Tensor lengths, boolean batchFirst) {
    if (input.dim() < 2) {
      throw new ShapeException(
          "input must have at least 2 dimensions, got %d".formatted(input.dim()));
    }
    long batch = input.size(batchFirst ? 0 : 1);
    if (lengths.dim() != 1 || lengths.numel() != batch) {
      throw new ShapeException(
          "Expected `len(lengths)` to be equal to batch_size, but got %d (batch_size=%d)"
              .formatted(lengths.numel(), batch));
    }
  }

  /// Pads packed sequences with zeros, sequence first.
  ///
  /// @param sequence the packed sequences
  /// @return $(L, N, *)$ and the lengths, in the order before packing
  public static Padded padPackedSequence(PackedSequence sequence) {
    return padPackedSequence(sequence, false);
  }

  /// Pads packed sequences with zeros.
  ///
  /// @param sequence the packed sequences
  /// @param batchFirst whether the batch is to be the first dimension
  /// @return the padded sequences and the lengths, in the order before packing
  public static Padded padPackedSequence(PackedSequence sequence, boolean batchFirst) {
    return padPackedSequence(sequence, batchFirst, 0, null);
  }

  /// Pads packed sequences.
  ///
  /// @param sequence the packed sequences
  /// @param batchFirst whether the batch is to be the first dimension
  /// @param paddingValue what stands after the end of a sequence
  /// @param totalLength the number of steps of the result; null for the longest sequence
  /// @return the padded sequences and the lengths, in the order before packing
  /// @throws ValueException if a sequence is longer than the total length
  public static Padded padPackedSequence(
      PackedSequence sequence,
      boolean batchFirst,
      double paddingValue,
      @Nullable Long totalLength) {
    long longest = sequence.batchSizes().numel();
    if (totalLength != null && totalLength < longest) {
      throw new ValueException(
          "Expected total_length to be at least the length of the longest sequence in input, but got total_length=%d and max sequence length being %d"
              .formatted(totalLength, longest));
    }
    var padded =
        Internal.padPackedSequence(
            sequence.data(),
            sequence.batchSizes(),
            batchFirst,
            paddingValue,
            totalLength == null ? longest : totalLength);
    Tensor unsorted = sequence.unsortedIndices();
    if (unsorted == null) {
      return new Padded(padded.output(), padded.lengths());
    }
    return new Padded(
        padded.output().indexSelect(batchFirst ? 0 : 1, unsorted),
        padded.lengths().indexSelect(0, unsorted.to(padded.lengths().device())));
  }

  /// Stacks sequences of different lengths, sequence first, with zeros after their ends.
  ///
  /// @param sequences $N$ tensors $(L_i, *)$
  /// @return $(L, N, *)$
  public static Tensor padSequence(List<Tensor> sequences) {
    return padSequence(sequences, false, 0, PaddingSide.RIGHT);
  }

  /// Stacks sequences of different lengths with padding.
  ///
  /// @param sequences $N$ tensors $(L_i, *)$
  /// @param batchFirst whether the batch is to be the first dimension
  /// @param paddingValue the padding
  /// @param paddingSide where the padding stands
  /// @return $(N, L, *)$ if batch first, else $(L, N, *)$
  public static Tensor padSequence(
      List<Tensor> sequences, boolean batchFirst, double paddingValue, PaddingSide paddingSide) {
    return NnFunctions.padSequence(sequences, batchFirst, paddingValue, paddingSide.word);
  }

  /// Takes sequences out of their padding.
  ///
  /// @param paddedSequences $(N, L, *)$ if batch first, else $(L, N, *)$
  /// @param lengths $N$ lengths; a sequence is cut at $L$
  /// @param batchFirst whether the batch is the first dimension
  /// @return a copy of each sequence, $(L_i, *)$
  /// @throws ValueException if there are more or fewer lengths than sequences
  public static List<Tensor> unpadSequence(
      Tensor paddedSequences, Tensor lengths, boolean batchFirst) {
    long[] counts = lengths.to(DType.INT64).toLongArray();
    int batchDim = batchFirst ? 0 : 1;
    long batch = paddedSequences.size(batchDim);
    long steps = paddedSequences.size(1 - batchDim);
    if (counts.length != batch) {
      throw new ValueException(
          "zip() argument 2 is %s than argument 1"
              .formatted(counts.length < batch ? "shorter" : "longer"));
    }
    List<Tensor> sequences = new ArrayList<>();
    for (int i = 0; i < counts.length; i++) {
      long length = Math.clamp(counts[i], 0, steps);
      sequences.add(Torch.clone(paddedSequences.select(batchDim, i).narrow(0, 0, length)));
    }
    return sequences;
  }

  /// Packs sequences.
  ///
  /// @param sequences $N$ tensors $(L_i, *)$, none empty
  /// @param enforceSorted whether they have to be sorted, the longest first
  /// @return the packed sequences
  /// @throws dev.pantorch.TorchException if a sequence is empty, or they are not sorted
  public static PackedSequence packSequence(List<Tensor> sequences, boolean enforceSorted) {
    long[] lengths = sequences.stream().mapToLong(s -> s.size(0)).toArray();
    return packPaddedSequence(padSequence(sequences), lengths, false, enforceSorted);
  }

  /// Packs sequences that are sorted, the longest first.
  ///
  /// @param sequences $N$ tensors $(L_i, *)$, none empty
  /// @return the packed sequences
  /// @throws dev.pantorch.TorchException if a sequence is empty, or they are not sorted
  public static PackedSequence packSequence(List<Tensor> sequences) {
    return packSequence(sequences, true);
  }

  /// Takes packed sequences apart.
  ///
  /// @param packedSequences the packed sequences
  /// @return each sequence, $(L_i, *)$, in the order before packing
  public static List<Tensor> unpackSequence(PackedSequence packedSequences) {
    Padded padded = padPackedSequence(packedSequences, true);
    return unpadSequence(padded.output(), padded.lengths(), true);
  }
}

package dev.pantorch.nn;

import dev.pantorch.DType;
import dev.pantorch.ShapeException;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.TorchException;
import dev.pantorch.TypeException;
import dev.pantorch.ValueException;
import dev.pantorch.internal.PythonText;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Attention as functions, a part of {@link Functional}.
abstract class AttentionFunctions extends NnFunctions {
  AttentionFunctions() {}

  /// Attention with several heads, with all settings and parameters of {@link MultiheadAttention}.
  /// Sequences come before the batch: $(L, N, E)$, or $(L, E)$ without one.
  ///
  /// @param query what asks $(L, N, E)$
  /// @param key what is compared with it $(S, N, E_k)$
  /// @param value what is given out $(S, N, E_v)$
  /// @param embedDimToCheck the features $E$ that the query has to have
  /// @param numHeads the number of heads
  /// @param inProjWeight the projections of all three $(3 E, E)$; null if there are separate ones
  /// @param inProjBias their summands $(3 E)$; null for none
  /// @param biasK a key added to each sequence $(1, 1, E)$; null for none
  /// @param biasV its value $(1, 1, E)$; null for none
  /// @param addZeroAttn whether a key and value of zeros are added
  /// @param dropoutP the probability that a weight becomes 0 in training
  /// @param outProjWeight the projection of what the heads give $(E, E)$
  /// @param outProjBias its summands $(E)$; null for none
  /// @param training whether dropout applies
  /// @param keyPaddingMask true or $-\infty$ where a key is left out $(N, S)$; null for none
  /// @param needWeights whether the weights are returned; without is faster
  /// @param attnMask true or $-\infty$ where a query must not see a key $(L, S)$ or $(N heads, L,
  ///   S)$; null for none
  /// @param useSeparateProjWeight whether the three following are used
  /// @param qProjWeight projects the query $(E, E)$
  /// @param kProjWeight projects the key $(E, E_k)$
  /// @param vProjWeight projects the value $(E, E_v)$
  /// @param staticK keys after projection $(N heads, S, E / heads)$; null for none
  /// @param staticV values after projection $(N heads, S, E / heads)$; null for none
  /// @param averageAttnWeights whether the weights are averaged over the heads
  /// @param isCausal a hint that the mask is the causal one
  /// @return the output $(L, N, E)$ and the weights
  /// @throws TorchException if shapes, dtypes or devices do not fit
  public static MultiheadAttention.Output multiHeadAttentionForward(
      Tensor query,
      Tensor key,
      Tensor value,
      long embedDimToCheck,
      long numHeads,
      @Nullable Tensor inProjWeight,
      @Nullable Tensor inProjBias,
      @Nullable Tensor biasK,
      @Nullable Tensor biasV,
      boolean addZeroAttn,
      double dropoutP,
      Tensor outProjWeight,
      @Nullable Tensor outProjBias,
      boolean training,
      @Nullable Tensor keyPaddingMask,
      boolean needWeights,
      @Nullable Tensor attnMask,
      boolean useSeparateProjWeight,
      @Nullable Tensor qProjWeight,
      @Nullable Tensor kProjWeight,
      @Nullable Tensor vProjWeight,
      @Nullable Tensor staticK,
      @Nullable Tensor staticV,
      boolean averageAttnWeights,
      boolean isCausal) {
    boolean batched = checkShapes(query, key, value, keyPaddingMask, attnMask, numHeads);
    // Without a batch the three become different tensors, and are projected apart, as in Python.
    Tensor q3 = batched ? query : query.unsqueeze(1);
    Tensor k3 = batched ? key : key.unsqueeze(1);
    Tensor v3 = batched ? value : value.unsqueeze(1);
    Tensor padding =
        batched || keyPaddingMask == null ? keyPaddingMask : keyPaddingMask.unsqueeze(0);
    long length = q3.size(0);
    long batch = q3.size(1);
    long features = q3.size(2);
    padding = canonicalMask(padding, "key_padding_mask", q3.dtype());
    if (isCausal && attnMask == null) {
      throw new TorchException(
          "Need attn_mask if specifying the is_causal hint. You may use the Transformer module"
              + " method `generate_square_subsequent_mask` to create this mask.");
    }
    boolean causal = isCausal && padding == null;
    Tensor mask = causal && !needWeights ? null : canonicalMask(attnMask, "attn_mask", q3.dtype());
    checkSizes(q3, k3, v3, embedDimToCheck, numHeads, useSeparateProjWeight);
    List<Tensor> projected =
        useSeparateProjWeight
            ? separately(q3, k3, v3, qProjWeight, kProjWeight, vProjWeight, inProjBias)
            : together(q3, k3, v3, present(inProjWeight, "in_proj_weight"), inProjBias);
    Tensor q = projected.get(0);
    Tensor k = projected.get(1);
    Tensor v = projected.get(2);
    mask = threeDimensions(mask, length, k3.size(0), batch * numHeads);
    if (biasK != null && biasV != null) {
      if (staticK != null) throw new ValueException("bias cannot be added to static key.");
      if (staticV != null) throw new ValueException("bias cannot be added to static value.");
      k = Torch.cat(List.of(k, biasK.repeat(1, batch, 1)));
      v = Torch.cat(List.of(v, biasV.repeat(1, batch, 1)));
      mask = padded(mask);
      padding = padded(padding);
    } else if (biasK != null) {
      throw new ValueException("bias_k is set but bias_v is None");
    } else if (biasV != null) {
      throw new ValueException("bias_v is set but bias_k is None");
    }
    long headDim = features / numHeads;
    q = q.view(length, batch * numHeads, headDim).transpose(0, 1);
    k = heads(k, staticK, "static_k", batch * numHeads, headDim);
    v = heads(v, staticV, "static_v", batch * numHeads, headDim);
    if (addZeroAttn) {
      Tensor zeros = k.newZeros(batch * numHeads, 1, headDim);
      k = Torch.cat(List.of(k, zeros), 1);
      v = Torch.cat(List.of(v, v.newZeros(batch * numHeads, 1, headDim)), 1);
      mask = padded(mask);
      padding = padded(padding);
    }
    long source = k.size(1);
    if (padding != null) {
      Tensor expanded = expandPadding(padding, batch, numHeads, source);
      mask = mask == null ? expanded : mask.add(expanded);
    }
    double dropout = training ? dropoutP : 0;
    Tensor weights = null;
    Tensor attended;
    if (needWeights) {
      Tensor scaled = q.mul(Math.sqrt(1.0 / headDim));
      Tensor transposed = k.transpose(-2, -1);
      weights =
          mask == null ? Torch.bmm(scaled, transposed) : Torch.baddbmm(mask, scaled, transposed);
      weights = weights.softmax(-1);
      if (dropout > 0) weights = NnFunctions.dropout(weights, dropout, true);
      attended = Torch.bmm(weights, v).transpose(0, 1).reshape(length * batch, features);
    } else {
      if (mask != null) {
        mask =
            mask.size(0) == 1 && mask.dim() == 3
                ? mask.unsqueeze(0)
                : mask.view(batch, numHeads, -1, source);
      }
      attended =
          scaledDotProductAttention(
                  q.view(batch, numHeads, length, headDim),
                  k.view(batch, numHeads, source, headDim),
                  v.view(batch, numHeads, source, headDim),
                  mask,
                  dropout,
                  causal)
              .permute(2, 0, 1, 3)
              .reshape(batch * length, features);
    }
    Tensor output = linear(attended, outProjWeight, outProjBias);
    output = output.view(length, batch, output.size(1));
    if (weights != null) {
      weights = weights.view(batch, numHeads, length, source);
      if (averageAttnWeights) weights = weights.mean(1);
      if (!batched) weights = weights.squeeze(0);
    }
    return new MultiheadAttention.Output(batched ? output : output.squeeze(1), weights);
  }

  private static boolean checkShapes(
      Tensor query,
      Tensor key,
      Tensor value,
      @Nullable Tensor padding,
      @Nullable Tensor mask,
      long heads) {
    int dim = query.dim();
    if (dim != 2 && dim != 3) {
      throw new ShapeException(
          "query should be unbatched 2D or batched 3D tensor but received %d-D query tensor"
              .formatted(dim));
    }
    String kind = dim == 3 ? "For batched (3-D)" : "For unbatched (2-D)";
    if (key.dim() != dim || value.dim() != dim) {
      throw new ShapeException(
          "%s `query`, expected `key` and `value` to be %d-D but found %d-D and %d-D tensors respectively"
              .formatted(kind, dim, key.dim(), value.dim()));
    }
    if (padding != null && padding.dim() != dim - 1) {
      throw new ShapeException(
          "%s `query`, expected `key_padding_mask` to be `None` or %d-D but found %d-D tensor instead"
              .formatted(kind, dim - 1, padding.dim()));
    }
    if (mask != null && mask.dim() != 2 && mask.dim() != 3) {
      throw new ShapeException(
          "%s `query`, expected `attn_mask` to be `None`, 2-D or 3-D but found %d-D tensor instead"
              .formatted(kind, mask.dim()));
    }
    if (dim == 2 && mask != null && mask.dim() == 3) {
      long[] wanted = {heads, query.size(0), key.size(0)};
      if (!Arrays.equals(mask.shape(), wanted)) {
        throw new ShapeException(
            "Expected `attn_mask` shape to be %s but got %s"
                .formatted(PythonText.tuple(wanted), PythonText.size(mask.shape())));
      }
    }
    return dim == 3;
  }

  private static void checkSizes(
      Tensor query, Tensor key, Tensor value, long wanted, long heads, boolean separate) {
    long features = query.size(2);
    if (features != wanted) {
      throw new ShapeException(
          "was expecting embedding dimension of %d, but got %d".formatted(wanted, features));
    }
    if (features % heads != 0) {
      throw new ShapeException(
          "embed_dim %d not divisible by num_heads %d".formatted(features, heads));
    }
    long[] keys = key.shape();
    long[] values = value.shape();
    if (separate && !Arrays.equals(keys, 0, 2, values, 0, 2)) {
      throw new ShapeException(
          "key's sequence and batch dims %s do not match value's %s"
              .formatted(
                  PythonText.size(Arrays.copyOf(keys, 2)),
                  PythonText.size(Arrays.copyOf(values, 2))));
    }
    if (!separate && !Arrays.equals(keys, values)) {
      throw new ShapeException(
          "key shape %s does not match value shape %s"
              .formatted(PythonText.size(keys), PythonText.size(values)));
    }
  }

  /// A mask as summands of the scores: $-\infty$ where a truth value says that a key is left out.
  static @Nullable Tensor canonicalMask(@Nullable Tensor mask, String name, DType dtype) {
    if (mask == null || mask.dtype().isFloatingPoint()) return mask;
    if (mask.dtype() != DType.BOOL) {
      throw new TypeException("only bool and floating types of %s are supported".formatted(name));
    }
    return Torch.zerosLike(mask, dtype).maskedFill_(mask, Double.NEGATIVE_INFINITY);
  }

  private static @Nullable Tensor threeDimensions(
      @Nullable Tensor mask, long length, long source, long heads) {
    if (mask == null) return null;
    boolean plane = mask.dim() == 2;
    long[] wanted = plane ? new long[] {length, source} : new long[] {heads, length, source};
    if (!Arrays.equals(mask.shape(), wanted)) {
      throw new ShapeException(
          "The shape of the %dD attn_mask is %s, but should be %s."
              .formatted(mask.dim(), PythonText.size(mask.shape()), PythonText.tuple(wanted)));
    }
    return plane ? mask.unsqueeze(0) : mask;
  }

  // One product for what comes from one tensor, laid out as Python does, for equal bits.
  private static List<Tensor> together(
      Tensor q, Tensor k, Tensor v, Tensor weight, @Nullable Tensor bias) {
    long features = q.size(-1);
    if (k == v && q == k) return unpack(linear(q, weight, bias), 3, features);
    if (k == v) {
      List<Tensor> weights = weight.split(new long[] {features, features * 2});
      List<Tensor> biases =
          bias == null ? List.of() : bias.split(new long[] {features, features * 2});
      Tensor query = linear(q, weights.get(0), bias == null ? null : biases.get(0));
      Tensor both = linear(k, weights.get(1), bias == null ? null : biases.get(1));
      List<Tensor> unpacked = unpack(both, 2, features);
      return List.of(query, unpacked.get(0), unpacked.get(1));
    }
    List<Tensor> weights = weight.chunk(3);
    return separately(q, k, v, weights.get(0), weights.get(1), weights.get(2), bias);
  }

  private static List<Tensor> unpack(Tensor projected, long count, long features) {
    Tensor apart =
        projected
            .unflatten(-1, new long[] {count, features})
            .unsqueeze(0)
            .transpose(0, -2)
            .squeeze(-2)
            .contiguous();
    return apart.unbind(0);
  }

  private static List<Tensor> separately(
      Tensor q,
      Tensor k,
      Tensor v,
      @Nullable Tensor weightQ,
      @Nullable Tensor weightK,
      @Nullable Tensor weightV,
      @Nullable Tensor bias) {
    List<Tensor> biases = bias == null ? List.of() : bias.chunk(3);
    return List.of(
        linear(q, present(weightQ, "q_proj_weight"), bias == null ? null : biases.get(0)),
        linear(k, present(weightK, "k_proj_weight"), bias == null ? null : biases.get(1)),
        linear(v, present(weightV, "v_proj_weight"), bias == null ? null : biases.get(2)));
  }

  private static Tensor present(@Nullable Tensor weight, String name) {
    if (weight != null) return weight;
    throw new ValueException(
        "use_separate_proj_weight is %s but %s is None"
            .formatted(name.startsWith("in") ? "False" : "True", name));
  }

  private static Tensor heads(
      Tensor projected, @Nullable Tensor given, String name, long heads, long headDim) {
    if (given == null) {
      return projected.view(projected.size(0), heads, headDim).transpose(0, 1);
    }
    for (int d = 0; d <= 2; d += 2) {
      long wanted = d == 0 ? heads : headDim;
      if (given.size(d) != wanted) {
        throw new ShapeException(
            "expecting %s.size(%d) of %d, but got %d".formatted(name, d, wanted, given.size(d)));
      }
    }
    return given;
  }

  private static @Nullable Tensor padded(@Nullable Tensor mask) {
    return mask == null ? null : Torch.constantPadNd(mask, 0, 1);
  }

  private static Tensor expandPadding(Tensor padding, long batch, long heads, long source) {
    long[] wanted = {batch, source};
    if (!Arrays.equals(padding.shape(), wanted)) {
      throw new ShapeException(
          "Expected key_padding_mask.shape to be %s, but got %s"
              .formatted(PythonText.tuple(wanted), PythonText.size(padding.shape())));
    }
    return padding
        .view(batch, 1, 1, source)
        .expand(-1, heads, -1, -1)
        .reshape(batch * heads, 1, source);
  }
}

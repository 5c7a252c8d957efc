package dev.pantorch;

import dev.pantorch.ffi.generated.pantorch_h;
import dev.pantorch.internal.NativeTensor;
import dev.pantorch.internal.NewTensor;
import dev.pantorch.internal.ScopeState;
import dev.pantorch.internal.TensorCalls;
import dev.pantorch.internal.TensorDescription;
import dev.pantorch.ops.TensorOps;
import org.jspecify.annotations.Nullable;

/// An n-dimensional array of one dtype on one device, and what autograd knows of it.
///
/// ```java
/// Tensor x = Torch.randn(32, 10, 5);
/// Tensor last = x.select(1, -1); // (32, 5), a view
/// Tensor scores = last.matmul(Torch.randn(5, 3)).softmax(1); // (32, 3)
/// float[] values = scores.toFloatArray();
/// ```
///
/// Operators are methods, by PyTorch's names in lowerCamel; a trailing `_` marks those that change
/// the tensor in place and return it. Every other returns a new tensor, which may be a view of this
/// one's memory where PyTorch's is.
///
/// **Ownership.** A tensor made while a {@link TensorScope} is open is freed when that scope
/// closes. One made outside of every scope is freed some time after it has become unreachable, or
/// at once by {@link #close}. {@link #keep} and {@link #moveTo} change the owner. Using a closed
/// tensor is an {@link IllegalStateException}; closing twice does nothing.
///
/// **Equality.** `equals` and `hashCode` are those of the object, so that tensors can be keys: two
/// tensors of the same elements are not equal. {@link #equal} compares elements, {@link #eq}
/// element by element, {@link #allclose} with tolerances.
///
/// **Threads.** A tensor of a confined scope may be used by that scope's thread only. All others
/// may be shared: reading is safe, and changing one in place while another thread uses it gives
/// unspecified numbers but never a crash. A close waits, without blocking, for the calls that are
/// under way.
///
/// [torch.Tensor](https://docs.pytorch.org/docs/2.13/tensors.html)
@SuppressWarnings("exports") // the superclass is internal on purpose
public final class Tensor extends NativeTensor
    implements TensorOps,
        TensorAutograd,
        TensorConversions,
        TensorData,
        TensorIndexing,
        Index,
        AutoCloseable {
  /// Wraps a native handle.
  ///
  /// @param key proves that the caller is of this module
  /// @param handle a new handle
  @SuppressWarnings("exports") // the type is internal so that only this module can call this
  public Tensor(NewTensor key, long handle) {
    super(handle);
  }

  // Metadata. One downcall reads all of it, each time: in-place operators can change it.

  private TensorDescription describe() {
    return TensorCalls.describe(this);
  }

  /// The size of every dimension, `torch.Tensor.shape`.
  ///
  /// @return a new array, empty for a scalar tensor
  public long[] shape() {
    return describe().sizes();
  }

  /// The size of one dimension.
  ///
  /// @param dim the dimension; negative ones count from the last
  /// @return its size
  /// @throws IndexException if the tensor has no such dimension
  public long size(int dim) {
    long[] sizes = shape();
    return sizes[TensorCalls.wrapDim(dim, sizes.length)];
  }

  /// The number of dimensions.
  ///
  /// @return 0 for a scalar tensor
  public int dim() {
    return describe().sizes().length;
  }

  /// The number of elements, the product of the sizes.
  ///
  /// @return 1 for a scalar tensor
  public long numel() {
    return describe().numel();
  }

  /// The distance between neighbours in memory, for every dimension, counted in elements.
  ///
  /// @return a new array
  public long[] strides() {
    return describe().strides();
  }

  /// Where the first element lies in the storage, counted in elements.
  ///
  /// @return the offset
  public long storageOffset() {
    return describe().storageOffset();
  }

  /// The type of the elements.
  ///
  /// @return the dtype; {@link DType#UNDEFINED} of an undefined tensor
  public DType dtype() {
    return describe().dtype();
  }

  /// Where the tensor is.
  ///
  /// @return the device
  public Device device() {
    return describe().device();
  }

  /// How the elements lie in memory.
  ///
  /// @return the layout
  public Layout layout() {
    return describe().layout();
  }

  /// Whether there is a tensor at all. Some operators return undefined tensors where Python returns
  /// None.
  ///
  /// @return whether it is defined
  public boolean isDefined() {
    return describe().has(pantorch_h.PT_TENSOR_DEFINED());
  }

  /// Whether the elements lie in memory without gaps, in row-major order.
  ///
  /// @return whether they do
  public boolean isContiguous() {
    return describe().has(pantorch_h.PT_TENSOR_CONTIGUOUS());
  }

  /// Whether the tensor shares another's memory, as autograd sees it.
  ///
  /// @return whether it is a view
  public boolean isView() {
    return describe().has(pantorch_h.PT_TENSOR_VIEW());
  }

  /// Whether the tensor was made in inference mode.
  ///
  /// @return whether it was
  public boolean isInference() {
    return describe().has(pantorch_h.PT_TENSOR_INFERENCE());
  }

  /// Whether the elements are to be read as their conjugates, a view that `conj()` makes.
  ///
  /// @return whether the bit is set
  public boolean isConj() {
    return describe().has(pantorch_h.PT_TENSOR_CONJ());
  }

  /// Whether the elements are to be read as their negatives.
  ///
  /// @return whether the bit is set
  public boolean isNeg() {
    return describe().has(pantorch_h.PT_TENSOR_NEG());
  }

  /// Whether the elements are quantized.
  ///
  /// @return whether they are
  public boolean isQuantized() {
    return describe().has(pantorch_h.PT_TENSOR_QUANTIZED());
  }

  /// Whether gradients are recorded for the tensor.
  ///
  /// @return whether they are
  @Override
  public boolean requiresGrad() {
    return describe().has(pantorch_h.PT_TENSOR_REQUIRES_GRAD());
  }

  /// Whether the tensor was not made by an operator that autograd recorded.
  ///
  /// @return whether it is a leaf
  @Override
  public boolean isLeaf() {
    return describe().has(pantorch_h.PT_TENSOR_LEAF());
  }

  /// Whether the gradient of this non-leaf is kept.
  ///
  /// @return whether it is
  @Override
  public boolean retainsGrad() {
    return describe().has(pantorch_h.PT_TENSOR_RETAINS_GRAD());
  }

  // Ownership.

  /// Frees the tensor now. The memory itself is given back once nothing else uses it, views and
  /// autograd's graph included. A second close does nothing.
  ///
  /// @throws IllegalStateException if the tensor belongs to a confined scope of another thread
  @Override
  public void close() {
    closeNow();
  }

  /// Whether the tensor was closed, or its scope was.
  ///
  /// @return whether it can no longer be used
  public boolean isClosed() {
    return closedNow();
  }

  /// Takes the tensor out of its scope: it then lives as long as it is reachable, and may be shared
  /// between threads.
  ///
  /// @return this tensor
  /// @throws IllegalStateException if it is closed, or belongs to a confined scope of another
  ///   thread
  public Tensor keep() {
    moveNow(null);
    return this;
  }

  /// Makes the tensor belong to a scope.
  ///
  /// @param scope an open scope, of this thread unless it is shared
  /// @return this tensor
  /// @throws IllegalStateException if the tensor or the scope is closed or confined to another
  ///   thread
  public Tensor moveTo(TensorScope scope) {
    return scope.attach(this);
  }

  void moveToState(@Nullable ScopeState scope) {
    moveNow(scope);
  }

  boolean belongsTo(ScopeState scope) {
    return !closedNow() && isIn(scope);
  }

  /// The elements as Python prints them, or the outer ones of many; see {@link
  /// Torch#setPrintOptions}.
  @Override
  public String toString() {
    return TensorPrinter.print(this, PrintOptions.current());
  }
}

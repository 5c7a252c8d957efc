package dev.pantorch.io;

import dev.pantorch.DType;
import dev.pantorch.Device;
import dev.pantorch.DeviceType;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.ffi.generated.pantorch_h;
import dev.pantorch.internal.StorageMemory;
import dev.pantorch.internal.TensorCalls;
import dev.pantorch.internal.TensorDescription;
import dev.pantorch.ops.Internal;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Writes tensors into pickles, and collects the storages that hold their elements: each once,
/// however many tensors are views of it.
final class TensorPickler implements Pickler.TensorWriter {
  /// A storage to write.
  ///
  /// @param ownKey the key as Python writes it: one object for all views of the storage
  /// @param tensor one of its tensors, which keeps it
  record Storage(String key, Pickler.OwnText ownKey, Tensor tensor, DType dtype, long bytes) {}

  private final boolean zip;
  private final Map<Long, Storage> byIdentity = new HashMap<>();
  private final Map<Long, DType> dtypeByAddress = new HashMap<>();
  private final List<Storage> storages = new ArrayList<>();

  /// @param zip whether keys and identifiers are those of the newer format
  TensorPickler(boolean zip) {
    this.zip = zip;
  }

  /// The storages of all tensors written, in order.
  List<Storage> storages() {
    return storages;
  }

  @Override
  public void write(Pickler out, Tensor given) {
    if (!given.isDefined()) {
      throw new IllegalArgumentException(out.where() + " is an undefined tensor; save null");
    }
    Tensor tensor = given.detach();
    switch (tensor.layout()) {
      case STRIDED -> writeStrided(out, tensor, given.requiresGrad());
      case SPARSE ->
          writeSparse(
              out,
              tensor,
              Internal.indices(tensor),
              Internal.values(tensor),
              tensor.shape(),
              tensor.isCoalesced());
      case SPARSE_CSR, SPARSE_BSR ->
          writeSparse(
              out,
              tensor,
              tensor.crowIndices(),
              tensor.colIndices(),
              tensor.values(),
              tensor.shape());
      case SPARSE_CSC, SPARSE_BSC ->
          writeSparse(
              out,
              tensor,
              tensor.ccolIndices(),
              tensor.rowIndices(),
              tensor.values(),
              tensor.shape());
      case MKLDNN, JAGGED ->
          throw new IllegalArgumentException(
              "%s is a tensor of layout %s, which has no form in a file; save its toDense()"
                  .formatted(out.where(), tensor.layout().torchName()));
    }
  }

  private static void writeSparse(Pickler out, Tensor tensor, @Nullable Object... parts) {
    out.reduce(
        "torch._utils _rebuild_sparse_tensor", Tuple.of(tensor.layout(), Tuple.of(parts)), null);
  }

  private void writeStrided(Pickler out, Tensor tensor, boolean requiresGrad) {
    TensorDescription is = TensorCalls.describe(tensor);
    checkReadable(out, is);
    if (is.has(pantorch_h.PT_TENSOR_NESTED())) {
      out.reduce(
          "torch._utils _rebuild_nested_tensor",
          Tuple.of(
              tensor.values(),
              Internal.nestedTensorSize(tensor),
              Internal.nestedTensorStrides(tensor),
              Internal.nestedTensorStorageOffsets(tensor)),
          null);
    } else if (is.device().type() == DeviceType.META) {
      out.reduce(
          "torch._utils _rebuild_meta_tensor_no_storage",
          Tuple.of(
              is.dtype(), Pickler.longs(is.sizes()), Pickler.longs(is.strides()), requiresGrad),
          null);
    } else {
      writeView(out, tensor, is, requiresGrad);
    }
  }

  /// A view of a storage.
  private void writeView(Pickler out, Tensor tensor, TensorDescription is, boolean requiresGrad) {
    boolean typed = StorageTypes.name(is.dtype()) != null;
    Tuple id = storage(out, tensor, is);
    String rebuild =
        is.dtype().isQuantized()
            ? "_rebuild_qtensor"
            : typed ? "_rebuild_tensor_v2" : "_rebuild_tensor_v3";
    out.global("torch._utils " + rebuild);
    out.mark();
    out.persistentId(id);
    out.save(is.storageOffset());
    out.save(Pickler.longs(is.sizes()));
    out.save(Pickler.longs(is.strides()));
    if (is.dtype().isQuantized()) out.save(quantizer(out, tensor));
    out.save(requiresGrad);
    out.reduce("collections OrderedDict", Tuple.of(), null);
    if (!typed) out.save(is.dtype());
    Map<String, Object> metadata = new LinkedHashMap<>();
    if (tensor.isConj()) metadata.put("conj", true);
    if (tensor.isNeg()) metadata.put("neg", true);
    if (!metadata.isEmpty()) out.save(metadata);
    out.callWithTuple();
  }

  private static Tuple quantizer(Pickler out, Tensor tensor) {
    return switch (TensorCalls.qscheme(tensor)) {
      case 0 ->
          Tuple.of(
              new Pickler.Global("torch per_tensor_affine"), tensor.qScale(), tensor.qZeroPoint());
      // Python writes the one name for both, and tells them apart by the dtype of the scales.
      case 1, 4 ->
          Tuple.of(
              new Pickler.Global("torch per_channel_affine"),
              tensor.qPerChannelScales(),
              tensor.qPerChannelZeroPoints(),
              tensor.qPerChannelAxis());
      default ->
          throw new IllegalArgumentException(
              "%s is quantized symmetrically, for which Python has no form in a file"
                  .formatted(out.where()));
    };
  }

  private void checkReadable(Pickler out, TensorDescription is) {
    boolean nested = is.has(pantorch_h.PT_TENSOR_NESTED());
    if (is.dtype() == DType.QUINT4X2 || is.dtype() == DType.QUINT2X4) {
      throw new IllegalArgumentException(
          "%s is a tensor of %s, several elements a byte, which Python does not read back"
              .formatted(out.where(), is.dtype()));
    }
    if (!zip && (nested || StorageTypes.name(is.dtype()) == null)) {
      throw new IllegalArgumentException(
          "%s is a %s, which Python does not read back from the older format; save as a zip archive"
              .formatted(out.where(), nested ? "nested tensor" : "tensor of " + is.dtype()));
    }
  }

  private Tuple storage(Pickler out, Tensor tensor, TensorDescription is) {
    StorageMemory.Description memory = StorageMemory.of(tensor);
    if (memory.address() == 0 && is.numel() > 0) {
      // Autograd's zeros have no memory of their own.
      throw new IllegalArgumentException(
          "%s is a tensor of zeros without memory; save its clone(null)".formatted(out.where()));
    }
    if (memory.address() != 0) {
      DType before = dtypeByAddress.putIfAbsent(memory.address(), is.dtype());
      if (before != null && before != is.dtype()) {
        throw new IllegalArgumentException(
            "%s: Cannot save multiple tensors or storages that view the same data as different types: %s and %s; save a clone of one"
                .formatted(out.where(), before, is.dtype()));
      }
    }
    Storage storage = byIdentity.get(memory.identity());
    if (storage == null) {
      String key = zip ? String.valueOf(storages.size()) : String.valueOf(memory.identity());
      storage = new Storage(key, new Pickler.OwnText(key), tensor, is.dtype(), memory.bytes());
      byIdentity.put(memory.identity(), storage);
      storages.add(storage);
    }
    String name = StorageTypes.name(is.dtype());
    long count = name == null ? storage.bytes : storage.bytes / is.dtype().itemSize();
    Pickler.Global type =
        new Pickler.Global(
            name == null ? "torch.storage " + StorageTypes.UNTYPED : "torch " + name);
    String location = is.device().toString();
    return zip
        ? Tuple.of("storage", type, storage.ownKey, location, count)
        : Tuple.of("storage", type, storage.ownKey, location, count, null);
  }

  /// Calls with the memory of a storage, brought to the CPU if it is elsewhere.
  static void use(Storage storage, StorageMemory.Use use) throws IOException {
    try (var scope = TensorScope.open()) {
      Tensor tensor = storage.tensor;
      if (!tensor.device().isCpu()) {
        if (tensor.isConj()) tensor = tensor.conj();
        if (tensor.isNeg()) tensor = Internal.negView(tensor);
        long count = Math.ceilDiv(storage.bytes, storage.dtype.itemSize());
        tensor = tensor.asStrided(new long[] {count}, new long[] {1}, 0L).to(Device.CPU);
      }
      StorageMemory.use(tensor, memory -> use.accept(memory.asSlice(0, storage.bytes)));
    }
  }
}

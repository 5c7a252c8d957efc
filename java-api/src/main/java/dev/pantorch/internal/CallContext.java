package dev.pantorch.internal;

import dev.pantorch.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What belongs to a Java thread, virtual ones included: its call frames, its modes, its innermost
/// scope. libtorch's own thread-local state belongs to the carrier and is set from here with each
/// call.
public final class CallContext {
  private static final ThreadLocal<CallContext> CURRENT = new Current();

  private static final class Current extends ThreadLocal<CallContext> {
    @Override
    protected CallContext initialValue() {
      return create();
    }
  }

  final Ledger ledger = new Ledger();

  /// The mode word that every call of this thread carries.
  long mode;

  /// The innermost hooks for what graphs save; there are some exactly when the mode word says so.
  @Nullable SavedTensorHooks savedTensorHooks;

  /// The trace that this thread records, if any.
  @Nullable Tracing tracing;

  private CallFrame[] frames = new CallFrame[0];
  private int depth;
  private @Nullable HandleList borrowed;
  private final List<ScopeState.Buffer> spareBuffers = new ArrayList<>();

  private CallContext() {}

  private static CallContext create() {
    NativeRuntime.ensureLoaded();
    CallContext context = new CallContext();
    Reaper.watch(context);
    return context;
  }

  public static CallContext current() {
    return CURRENT.get();
  }

  CallFrame push() {
    if (depth == frames.length) addFrame();
    return frames[depth++];
  }

  void pop() {
    if (--depth == 0 && borrowed != null) freeBorrowed(borrowed);
  }

  /// How many calls are under way; more than one where a hook runs within a call.
  int depth() {
    return depth;
  }

  /// Takes over a reference to a tensor until the calls under way have returned: they borrow
  /// confined tensors without pinning them, and a hook may close these or move them.
  void freeAfterCalls(long handle) {
    if (borrowed == null) borrowed = new HandleList();
    borrowed.add(handle);
  }

  private void freeBorrowed(HandleList handles) {
    borrowed = null;
    handles.free();
  }

  private void addFrame() {
    frames = Arrays.copyOf(frames, depth + 1);
    frames[depth] = new CallFrame(this);
  }

  ScopeState.Buffer takeBuffer() {
    return spareBuffers.isEmpty() ? ScopeState.Buffer.first() : spareBuffers.removeLast();
  }

  void returnBuffer(ScopeState.Buffer buffer) {
    spareBuffers.add(buffer);
  }

  /// Wraps a new handle; the innermost scope owns it, or reachability where there is none.
  Tensor adopt(long handle) {
    return adopt(handle, false);
  }

  /// The same for a tensor of which the shim says whether it is light.
  Tensor adopt(long handle, boolean light) {
    Tensor tensor = new Tensor(NewTensor.HANDLE, handle);
    ledger.created++;
    ScopeState scope = ledger.innermost();
    if (scope != null) {
      scope.add(this, tensor);
    } else {
      ledger.track(tensor, light && !AllocationSites.enabled());
    }
    if (AllocationSites.enabled()) AllocationSites.record(tensor);
    return tensor;
  }

  public long mode() {
    return mode;
  }

  /// Sets this thread's mode word.
  public void setMode(long word) {
    mode = word;
  }
}

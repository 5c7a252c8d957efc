// More than 500 lines, most of them documentation: all that subclasses call is in Python's class,
// too.
package dev.pantorch.nn;

import dev.pantorch.DType;
import dev.pantorch.HookHandle;
import dev.pantorch.Tensor;
import dev.pantorch.TensorOptions;
import dev.pantorch.Torch;
import dev.pantorch.TypeException;
import dev.pantorch.ValueException;
import dev.pantorch.internal.LayerForm;
import dev.pantorch.internal.ModuleMembers;
import dev.pantorch.internal.ModuleQuantization;
import dev.pantorch.internal.TensorCalls;
import dev.pantorch.internal.Tracing;
import dev.pantorch.jit.ScriptObject;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The base of all layers and models: a tree of modules with their parameters and buffers.
///
/// A subclass registers what it is made of in its constructor and computes in a method of its own,
/// by custom called `forward`, with the signature it needs:
///
/// ```java
/// class LSTMModel extends Module {
///   final LSTM lstm;
///   final Linear fc;
///
///   LSTMModel(int inputSize, int hiddenSize, int numLayers, int outputSize) {
///     lstm = register("lstm", new LSTM(inputSize, hiddenSize, o -> o.numLayers(numLayers).batchFirst(true)));
///     fc = register("fc", new Linear(hiddenSize, outputSize));
///   }
///
///   Tensor forward(Tensor x) {
///     return fc.forward(lstm.forward(x).output().select(1, -1));
///   }
/// }
/// ```
///
/// A module from one tensor to one extends {@link Layer} instead, and can stand in a {@link
/// Sequential}. The names given to {@link #register} are those of Python's attributes, so that
/// {@link #stateDict} has Python's keys: `lstm.weight_ih_l0`.
///
/// **Ownership.** Registered tensors are kept: they outlive the {@link dev.pantorch.TensorScope}
/// they were made in and live as long as the module. {@link #to} and {@link #loadStateDict} change
/// them in place, so fields, optimizers and tied modules go on seeing them.
///
/// **Threads.** Any number of threads may run the forward methods of one module at once. Changing
/// it meanwhile (training, {@link #to}, {@link #loadStateDict}, registering) gives unspecified
/// numbers but never a crash.
///
/// [torch.nn.Module](https://docs.pytorch.org/docs/2.13/generated/torch.nn.Module.html)
// Over 300 lines, half of them documentation: this is one type with one job for its users, and
// state dicts, printing and hook types are already elsewhere.
public abstract class Module {
  static {
    ModuleMembers.install(
        module -> new ModuleMembers(module.parameters, module.buffers, module.children));
    ModuleQuantization.install(new QuantizationAccess());
  }

  private final SequencedMap<String, Module> children = new LinkedHashMap<>();
  private final SequencedMap<String, Tensor> parameters = new LinkedHashMap<>();
  private final SequencedMap<String, Tensor> buffers = new LinkedHashMap<>();
  private final Set<String> transientBuffers = new HashSet<>();
  private final List<ForwardPreHook> preHooks = new CopyOnWriteArrayList<>();
  private final List<ForwardHook> hooks = new CopyOnWriteArrayList<>();
  private final List<BackwardPreHook> backwardPreHooks = new CopyOnWriteArrayList<>();
  private final List<BackwardHook> backwardHooks = new CopyOnWriteArrayList<>();
  private final StateDicts.Hooks stateHooks = new StateDicts.Hooks();
  private volatile boolean training = true;
  private volatile @Nullable LayerForm form;

  /// For subclasses.
  protected Module() {}

  // Registration.

  /// Makes a module a child of this one.
  ///
  /// @param name its name in {@link #stateDict} keys, as the attribute is called in Python
  /// @param module the child; it may have several parents, whose parameters are then shared
  /// @param <M> its type
  /// @return the child
  /// @throws IllegalArgumentException if the name is empty, has a dot or is taken
  protected final <M extends Module> M register(String name, M module) {
    checkName("module", name);
    children.put(name, checked(name, module));
    return module;
  }

  final <M extends Module> M checked(String name, M module) {
    Objects.requireNonNull(module, "module");
    if (module.equals(this)) {
      throw new IllegalArgumentException(
          "module '%s' cannot be registered in itself".formatted(name));
    }
    return module;
  }

  /// Makes a tensor a parameter: gradients are recorded for it, and it outlives its scope.
  ///
  /// @param name its name in {@link #stateDict} keys
  /// @param parameter a leaf of floating or complex dtype
  /// @return the same tensor
  /// @throws IllegalArgumentException if the name is empty, has a dot or is taken, or the tensor is
  ///   the result of a recorded operator
  protected final Tensor registerParameter(String name, Tensor parameter) {
    return registerParameter(name, parameter, true);
  }

  /// The same for a parameter that may be frozen.
  ///
  /// @param name its name in {@link #stateDict} keys
  /// @param parameter a leaf of floating or complex dtype
  /// @param requiresGrad whether gradients are recorded for it
  /// @return the same tensor
  /// @throws IllegalArgumentException if the name is empty, has a dot or is taken, or the tensor is
  ///   the result of a recorded operator
  protected final Tensor registerParameter(String name, Tensor parameter, boolean requiresGrad) {
    checkName("parameter", name);
    parameters.put(name, asParameter(name, parameter, requiresGrad));
    return parameter;
  }

  static Tensor asParameter(String name, Tensor parameter, boolean requiresGrad) {
    if (!parameter.isLeaf()) {
      throw new IllegalArgumentException(
          "cannot register non-leaf tensor as parameter '%s': it is the result of %s; call detach() on it first"
              .formatted(name, parameter.gradFn()));
    }
    return parameter.keep().requiresGrad_(requiresGrad);
  }

  /// Makes a tensor a buffer: state that is saved and moved with the module but not trained.
  ///
  /// @param name its name in {@link #stateDict} keys
  /// @param buffer the tensor, which from now on outlives its scope
  /// @return the same tensor
  /// @throws IllegalArgumentException if the name is empty, has a dot or is taken
  protected final Tensor registerBuffer(String name, Tensor buffer) {
    return registerBuffer(name, buffer, true);
  }

  /// The same for a buffer that {@link #stateDict} may leave out.
  ///
  /// @param name its name in {@link #stateDict} keys
  /// @param buffer the tensor, which from now on outlives its scope
  /// @param persistent whether it is part of the state dict
  /// @return the same tensor
  /// @throws IllegalArgumentException if the name is empty, has a dot or is taken
  protected final Tensor registerBuffer(String name, Tensor buffer, boolean persistent) {
    checkName("buffer", name);
    buffers.put(name, buffer.keep());
    if (!persistent) transientBuffers.add(name);
    return buffer;
  }

  /// Puts another tensor in the place of a buffer, for modules whose computation makes a new one.
  ///
  /// @param name the buffer's name
  /// @param buffer the tensor, which from now on outlives its scope
  /// @throws IllegalArgumentException if there is no such buffer
  protected final void replaceBuffer(String name, Tensor buffer) {
    if (!buffers.containsKey(name)) {
      throw new IllegalArgumentException("%s has no buffer '%s'".formatted(simpleName(), name));
    }
    buffers.put(name, buffer.keep());
  }

  static void checkWord(String kind, String name) {
    if (name.isEmpty()) {
      throw new IllegalArgumentException(kind + " name can't be empty string \"\"");
    }
    if (name.contains(".")) {
      throw new IllegalArgumentException(kind + " name can't contain \".\", got: \"" + name + "\"");
    }
  }

  private void checkName(String kind, String name) {
    checkWord(kind, name);
    if (children.containsKey(name) || parameters.containsKey(name) || buffers.containsKey(name)) {
      throw new IllegalArgumentException(
          "%s '%s' cannot be registered: %s already has a member of that name"
              .formatted(kind, name, simpleName()));
    }
  }

  // The tree.

  /// The direct children by name, in the order of registration.
  ///
  /// @return a read-only view
  public final SequencedMap<String, Module> namedChildren() {
    return Collections.unmodifiableSequencedMap(children);
  }

  /// The direct children.
  ///
  /// @return a new list
  public final List<Module> children() {
    return List.copyOf(children.values());
  }

  /// This module (under the name `""`) and all below it by path, parents first, each once.
  ///
  /// @return a new map
  public final SequencedMap<String, Module> namedModules() {
    SequencedMap<String, Module> found = new LinkedHashMap<>();
    visit("", identitySet(), found::put);
    return found;
  }

  /// This module and all below it, parents first, each once.
  ///
  /// @return a new list
  public final List<Module> modules() {
    return List.copyOf(namedModules().values());
  }

  /// The parameters of this module and all below it by path: `lstm.weight_ih_l0`. A parameter that
  /// is shared is listed once.
  ///
  /// @return a new map, in the order of registration
  public final SequencedMap<String, Tensor> namedParameters() {
    return namedTensors(module -> module.parameters);
  }

  /// The same, optionally of this module alone.
  ///
  /// @param recurse whether the modules below count
  /// @return a new map, in the order of registration
  public final SequencedMap<String, Tensor> namedParameters(boolean recurse) {
    return recurse ? namedParameters() : new LinkedHashMap<>(parameters);
  }

  /// The parameters of this module and all below it, each once: what an optimizer is given.
  ///
  /// @return a new list, in the order of registration
  public final List<Tensor> parameters() {
    return List.copyOf(namedParameters().values());
  }

  /// The buffers of this module and all below it by path, each once.
  ///
  /// @return a new map, in the order of registration
  public final SequencedMap<String, Tensor> namedBuffers() {
    return namedTensors(module -> module.buffers);
  }

  /// The same, optionally of this module alone.
  ///
  /// @param recurse whether the modules below count
  /// @return a new map, in the order of registration
  public final SequencedMap<String, Tensor> namedBuffers(boolean recurse) {
    return recurse ? namedBuffers() : new LinkedHashMap<>(buffers);
  }

  /// The buffers of this module and all below it, each once.
  ///
  /// @return a new list, in the order of registration
  public final List<Tensor> buffers() {
    return List.copyOf(namedBuffers().values());
  }

  /// A parameter by its path.
  ///
  /// @param path as {@link #namedParameters} has it: `lstm.weight_ih_l0`
  /// @return the parameter
  /// @throws IllegalArgumentException if there is none
  public final Tensor getParameter(String path) {
    return find(namedParameters(), "parameter", path);
  }

  /// A buffer by its path.
  ///
  /// @param path as {@link #namedBuffers} has it: `norm.running_mean`
  /// @return the buffer
  /// @throws IllegalArgumentException if there is none
  public final Tensor getBuffer(String path) {
    return find(namedBuffers(), "buffer", path);
  }

  /// A module by its path.
  ///
  /// @param path as {@link #namedModules} has it: `encoder.lstm`; empty for this module
  /// @return the module
  /// @throws IllegalArgumentException if there is none
  public final Module getSubmodule(String path) {
    return find(namedModules(), "module", path);
  }

  /// Replaces a module in a container by its path, for surgery on a model: `layers.2`. Members that
  /// classes have in fields cannot be replaced, since their forwards would go on with the old ones.
  ///
  /// @param path as {@link #namedModules} has it; in a {@link ModuleDict} also a new name
  /// @param module what stands there from now on
  /// @throws IllegalArgumentException if nothing stands there, or in no container
  /// @throws TypeException if the container takes no such module
  public final void setSubmodule(String path, Module module) {
    if (path.isEmpty()) {
      throw new IllegalArgumentException("Cannot set the submodule without a target name!");
    }
    int dot = path.lastIndexOf('.');
    Module parent = getSubmodule(dot < 0 ? "" : path.substring(0, dot));
    parent.replaceChild(path.substring(dot + 1), module);
  }

  void replaceChild(String name, Module module) {
    throw new IllegalArgumentException(
        "%s is no container, so '%s' in it cannot become a %s: give it the module when it is made"
            .formatted(simpleName(), name, module.simpleName()));
  }

  /// Replaces a child that is there, in a container that reads them from the tree.
  final void replaceExisting(String name, Module module) {
    if (!children.containsKey(name)) {
      throw new IllegalArgumentException(simpleName() + " has no attribute `" + name + "`");
    }
    children.put(name, checked(name, module));
  }

  final <T> T find(Map<String, T> members, String kind, String path) {
    T member = members.get(path);
    if (member == null) {
      throw new IllegalArgumentException(
          "%s has no %s '%s'; it has %s".formatted(simpleName(), kind, path, members.keySet()));
    }
    return member;
  }

  private SequencedMap<String, Tensor> namedTensors(
      Function<Module, SequencedMap<String, Tensor>> members) {
    SequencedMap<String, Tensor> found = new LinkedHashMap<>();
    Set<Tensor> seen = identitySet();
    visit(
        "",
        identitySet(),
        (path, module) ->
            members
                .apply(module)
                .forEach((name, tensor) -> {
                  if (seen.add(tensor)) found.put(join(path, name), tensor);
                }));
    return found;
  }

  private void visit(String path, Set<Module> seen, BiConsumer<String, Module> visitor) {
    if (!seen.add(this)) return;
    visitor.accept(path, this);
    children.forEach((name, child) -> child.visit(join(path, name), seen, visitor));
  }

  static String join(String path, String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  private static <T> Set<T> identitySet() {
    return Collections.newSetFromMap(new IdentityHashMap<>());
  }

  // Modes.

  /// Whether the module is in training mode, which dropout and batch normalisation ask.
  ///
  /// @return true until {@link #eval} is called
  public final boolean isTraining() {
    return training;
  }

  /// Puts this module and all below it into training or evaluation mode.
  ///
  /// @param mode true for training
  /// @return this module
  public Module train(boolean mode) {
    for (Module module : modules()) module.setTraining(mode);
    return this;
  }

  /// Puts this module alone into training or evaluation mode. A module that keeps the mode
  /// elsewhere as well overrides this.
  ///
  /// @param mode true for training
  protected void setTraining(boolean mode) {
    training = mode;
    if (mode) dropPrepackedWeights();
  }

  /// Puts this module and all below it into training mode.
  ///
  /// @return this module
  public final Module train() {
    return train(true);
  }

  /// Puts this module and all below it into evaluation mode.
  ///
  /// @return this module
  public final Module eval() {
    return train(false);
  }

  /// Packs weights for inference, of this module and all below it that are in evaluation mode. An
  /// {@link LSTM} of dtype float32 on the CPU brings its weights into the order in which oneDNN
  /// computes, which it otherwise does in each forward pass. The numbers stay the same to the bit;
  /// a small model of batch 1 answers in little more than half of the time.
  ///
  /// ```java
  /// LSTM lstm = new LSTM(5, 64, o -> o.numLayers(2).batchFirst(true));
  /// lstm.eval().prepack();
  /// try (var mode = Torch.inferenceMode()) {
  ///   Tensor y = lstm.forward(x).output(); // x (1, 10, 5)
  /// }
  /// ```
  ///
  /// Packed weights serve in {@link dev.pantorch.Torch#inferenceMode()} and {@link
  /// dev.pantorch.Torch#noGrad()}, for an input that is a tensor and not a packed sequence; not
  /// with projections, parametrizations or autocast, nor in a trace. There, and in all other
  /// modules, everything is as without: LSTM alone computes with oneDNN.
  ///
  /// They take as much memory again as the weights, until {@link #train}. State dicts, copies and
  /// files know nothing of them. They follow the weights: what an optimizer, {@link #loadStateDict}
  /// or any other operator writes is packed by the next forward pass. **What no operator writes
  /// goes unnoticed**: through a segment of {@link Tensor#data}, into memory given to {@link
  /// dev.pantorch.Torch#fromMemory}, through another tensor of {@link
  /// dev.pantorch.nn.utils.ConvertParameters#vectorToParameters}, by custom operators that do not
  /// tell libtorch. Call this again then.
  ///
  /// @return this module
  /// @throws IllegalStateException if this module is in training mode
  public final Module prepack() {
    if (training) {
      throw new IllegalStateException(
          "%s is in training mode and prepack() is for inference: call eval() first"
              .formatted(simpleName()));
    }
    for (Module module : modules()) module.prepackWeights();
    return this;
  }

  /// What {@link #prepack} does to this module alone.
  void prepackWeights() {}

  /// Forgets what {@link #prepack} has made.
  void dropPrepackedWeights() {}

  /// Switches the recording of gradients for all parameters: false freezes the module.
  ///
  /// @param requires whether gradients are recorded
  /// @return this module
  public final Module requiresGrad_(boolean requires) {
    for (Tensor parameter : parameters()) parameter.requiresGrad_(requires);
    return this;
  }

  /// Removes the gradients of all parameters.
  public final void zeroGrad() {
    zeroGrad(true);
  }

  /// Removes or zeroes the gradients of all parameters.
  ///
  /// @param setToNone whether gradients are removed; false keeps their memory and fills it with 0
  public final void zeroGrad(boolean setToNone) {
    TensorCalls.zeroGrad(parameters(), setToNone);
  }

  /// Calls a function with every module below this one and then this one, children first: to
  /// initialise weights in a way of one's own.
  ///
  /// @param function receives each module
  /// @return this module
  public final Module apply(Consumer<? super Module> function) {
    children.values().forEach(child -> child.apply(function));
    function.accept(this);
    return this;
  }

  /// Moves parameters, buffers and gradients to a device, or changes the dtype of the floating and
  /// complex ones, or both: `model.to(device)`, `model.to(DType.FLOAT64)`,
  /// `model.to(DType.BFLOAT16.on(device))`. The tensors stay the same objects, so an optimizer made
  /// before goes on working.
  ///
  /// @param options a dtype, a device or both
  /// @return this module
  /// @throws TypeException if the dtype is neither floating nor complex
  public final Module to(TensorOptions options) {
    DType dtype = options.dtypeOrNull();
    if (dtype != null && !dtype.isFloatingPoint() && !dtype.isComplex()) {
      throw new TypeException(
          "nn.Module.to only accepts floating point or complex dtypes, but got desired dtype="
              + dtype);
    }
    Conversion.convert(namedParameters().values(), dtype, options.deviceOrNull());
    Conversion.convert(namedBuffers().values(), dtype, options.deviceOrNull());
    return this;
  }

  // State.

  /// Parameters and persistent buffers by path, as Python's `state_dict()` has them, in its order.
  /// The tensors share the module's memory and record no gradients.
  ///
  /// @return a new map; the tensors belong to the open scope, if there is one
  public final SequencedMap<String, Tensor> stateDict() {
    return StateDicts.of(this);
  }

  /// Copies values into parameters and buffers. Every key must be there, and none else.
  ///
  /// @param stateDict values by path, of any dtype and device
  /// @throws dev.pantorch.TorchException if keys are missing or unexpected or shapes differ; it
  ///   lists all of them, and nothing has been copied
  public final void loadStateDict(Map<String, Tensor> stateDict) {
    StateDicts.load(this, stateDict, true);
  }

  /// The same, optionally for what fits by name only.
  ///
  /// @param stateDict values by path, of any dtype and device
  /// @param strict whether missing and unexpected keys are errors
  /// @return the keys that were missing and unexpected
  /// @throws dev.pantorch.TorchException if shapes differ, or strict and keys do; it lists all of
  ///   them, and nothing has been copied
  public final IncompatibleKeys loadStateDict(Map<String, Tensor> stateDict, boolean strict) {
    return StateDicts.load(this, stateDict, strict);
  }

  /// What {@link #loadStateDict(Map, boolean)} found not to fit.
  ///
  /// @param missingKeys the module's keys that the state dict lacks
  /// @param unexpectedKeys the state dict's keys that the module lacks
  public record IncompatibleKeys(List<String> missingKeys, List<String> unexpectedKeys) {}

  /// State that is neither parameter nor buffer, which {@link #stateDict} has under the key
  /// `_extra_state`. A module that overrides this overrides {@link #setExtraState}, too. Python
  /// takes any object, and promises to read tensors only.
  ///
  /// @return a tensor, null for no such state
  protected @Nullable Tensor getExtraState() {
    return null;
  }

  /// Takes what {@link #getExtraState} returned when the state was saved.
  ///
  /// @param state the tensor, which belongs to the state dict: copy or {@linkplain Tensor#keep
  ///   keep} it
  protected void setExtraState(Tensor state) {
    throw new IllegalStateException(
        simpleName() + " overrides getExtraState, but not setExtraState");
  }

  /// Whether a state dict may lack a key of this module, since older versions did not have it.
  ///
  /// @param name the name of one of the module's own tensors
  /// @return false here
  boolean mayLack(String name) {
    return false;
  }

  /// Python's `_version` of the class, which state dicts record.
  int stateVersion() {
    return 1;
  }

  final StateDicts.Hooks stateHooks() {
    return stateHooks;
  }

  SequencedMap<String, Module> childrenByName() {
    return children;
  }

  SequencedMap<String, Tensor> parametersByName() {
    return parameters;
  }

  final boolean hasForwardHooks() {
    return !preHooks.isEmpty() || !hooks.isEmpty();
  }

  /// Gives a module this one's mode and hooks.
  final void copyModesTo(Module other) {
    if (other.equals(this)) return; // shared by copies
    other.training = training;
    other.preHooks.addAll(preHooks);
    other.hooks.addAll(hooks);
    other.backwardPreHooks.addAll(backwardPreHooks);
    other.backwardHooks.addAll(backwardHooks);
    other.stateHooks.addAll(stateHooks);
  }

  /// The module's own parameters and persistent buffers.
  SequencedMap<String, Tensor> ownState() {
    SequencedMap<String, Tensor> own = new LinkedHashMap<>(parameters);
    own.putAll(buffers);
    own.keySet().removeAll(transientBuffers);
    return own;
  }

  // Quantization: layers that Python replaces compute in another way, and change what they are
  // made of.

  final @Nullable LayerForm form() {
    return form;
  }

  final void setForm(@Nullable LayerForm newForm) {
    form = newForm;
  }

  /// Whether {@link #quantize} can make this of the weights.
  boolean isQuantizable(DType dtype) {
    return false;
  }

  /// Whether weights are quantized by {@link #quantize}.
  boolean isDynamicallyQuantized() {
    return false;
  }

  final boolean isQuantized() {
    LayerForm current = form;
    return isDynamicallyQuantized() || (current != null && current.isQuantized());
  }

  /// Puts quantized weights in the place of the parameters.
  void quantize(DType dtype) {
    throw new UnsupportedOperationException(simpleName());
  }

  /// Follows quantized weights that have other values now.
  void repack() {}

  final void repackAll() {
    repack();
    LayerForm current = form;
    if (current != null) current.repack();
  }

  /// The packed weights by the names that attributes of Python's quantized modules have.
  SequencedMap<String, ScriptObject> packed() {
    LayerForm current = form;
    return current == null ? new LinkedHashMap<>() : current.packed();
  }

  /// Whether a buffer is in one of the packed weights, and is not read itself.
  boolean isPacked(String name) {
    LayerForm current = form;
    return current != null && current.holds(name);
  }

  /// How Python's statically quantized module of this class computes; null where there is none.
  ///
  /// @param relu whether it is fused with a rectifier
  @Nullable StaticKernel staticKernel(boolean relu) {
    return null;
  }

  /// Sees a tensor that is in the place of a parameter or of nothing, for layers with fields.
  void adopt(String name, Tensor value) {}

  /// Makes a parameter or nothing a buffer, which is not trained.
  final void makeBuffer(String name, Tensor value) {
    parameters.remove(name);
    buffers.put(name, value.keep());
    adopt(name, value);
  }

  final void removeTensors() {
    parameters.clear();
    buffers.clear();
  }

  final void checkUnparametrized() {
    if (children.containsKey("parametrizations")) {
      throw new ValueException(
          "a parametrized %s cannot be quantized: remove its parametrizations first"
              .formatted(simpleName()));
    }
  }

  /// Makes a parameter a buffer: a weight quantized, a bias as floats.
  final Tensor quantizeMember(String name, DType dtype) {
    Tensor parameter = parameters.get(name);
    if (parameter == null) {
      throw new IllegalStateException("%s has no parameter '%s'".formatted(simpleName(), name));
    }
    Tensor value =
        dtype == DType.FLOAT32
            ? Torch.clone(parameter.detach().to(dtype))
            : QuantizedKernels.quantize(name, parameter, dtype);
    makeBuffer(name, value);
    return value;
  }

  // Hooks.

  /// Sees, and may replace, what a module's forward is given.
  @FunctionalInterface
  public interface ForwardPreHook {
    /// Called before the module computes.
    ///
    /// @param module the module
    /// @param input what forward was given: a tensor, or a record of several arguments
    /// @return a replacement of the same type, or null to leave it
    @Nullable Object apply(Module module, Object input);
  }

  /// Sees, and may replace, what a module's forward returns.
  @FunctionalInterface
  public interface ForwardHook {
    /// Called after the module has computed.
    ///
    /// @param module the module
    /// @param input what forward was given: a tensor, or a record of several arguments
    /// @param output what it returns: a tensor, or a record of several results
    /// @return a replacement of the same type, or null to leave it
    @Nullable Object apply(Module module, Object input, Object output);
  }

  /// Calls a function before each forward of this module. All modules of this package run their
  /// hooks; a module of one's own does where its forward goes through {@link #hooked}.
  ///
  /// @param hook sees the input
  /// @return removes the hook when closed
  public final HookHandle registerForwardPreHook(ForwardPreHook hook) {
    return add(preHooks, hook);
  }

  /// Calls a function after each forward of this module. All modules of this package run their
  /// hooks; a module of one's own does where its forward goes through {@link #hooked}.
  ///
  /// @param hook sees input and output
  /// @return removes the hook when closed
  public final HookHandle registerForwardHook(ForwardHook hook) {
    return add(hooks, hook);
  }

  /// Sees, and may replace, the gradients that a module's inputs get.
  @FunctionalInterface
  public interface BackwardHook {
    /// Called in the backward pass, when the gradients of the inputs are computed.
    ///
    /// @param module the module
    /// @param gradInput the gradient of each tensor that forward was given, those of nested records
    ///   one by one; null for one without
    /// @param gradOutput the gradient of each tensor that it returned, likewise
    /// @return as many replacements of `gradInput`, or null to leave them
    @Nullable List<@Nullable Tensor> apply(
        Module module, List<@Nullable Tensor> gradInput, List<@Nullable Tensor> gradOutput);
  }

  /// Sees, and may replace, the gradients of what a module's forward returned.
  @FunctionalInterface
  public interface BackwardPreHook {
    /// Called in the backward pass, before the gradients go back through the module.
    ///
    /// @param module the module
    /// @param gradOutput the gradient of each tensor that forward returned, those of nested records
    ///   one by one; null for one without
    /// @return as many replacements, or null to leave them
    @Nullable List<@Nullable Tensor> apply(Module module, List<@Nullable Tensor> gradOutput);
  }

  /// Calls a function in each backward pass through this module, with the gradients of its inputs
  /// and outputs. Tensors in the records that forward takes and returns count, also in records in
  /// them; Python passes over those in nested tuples. The function runs once per pass; where no
  /// input requires a gradient, already when those of the outputs are there, and then it must not
  /// replace anything. What forward got or returned must not be changed in place. The gradients are
  /// freed at the end of the pass, except those {@linkplain Tensor#keep kept}.
  ///
  /// ```java
  /// Linear layer = new Linear(64, 1);
  /// layer.registerFullBackwardHook((module, gradInput, gradOutput) -> {
  ///   System.out.println(gradOutput.getFirst());
  ///   return null;
  /// });
  /// ```
  ///
  /// @param hook sees the gradients
  /// @return removes the hook when closed
  public final HookHandle registerFullBackwardHook(BackwardHook hook) {
    return add(backwardHooks, hook);
  }

  /// Calls a function in each backward pass through this module before it, with the gradients of
  /// its outputs.
  ///
  /// @param hook sees the gradients
  /// @return removes the hook when closed
  public final HookHandle registerFullBackwardPreHook(BackwardPreHook hook) {
    return add(backwardPreHooks, hook);
  }

  /// Called before {@link #stateDict} collects the state of a module.
  @FunctionalInterface
  public interface StateDictPreHook {
    /// Called first.
    ///
    /// @param module the module
    /// @param prefix its path with a dot behind, empty at the root
    void apply(Module module, String prefix);
  }

  /// Sees, and may change, what {@link #stateDict} has collected of a module and those below it.
  @FunctionalInterface
  public interface StateDictPostHook {
    /// Called last.
    ///
    /// @param module the module
    /// @param stateDict the state so far, also that of modules beside it, to be changed in place
    /// @param prefix the module's path with a dot behind, empty at the root
    /// @param localMetadata what is saved beside the state: Python's `version`
    void apply(
        Module module,
        Map<String, Tensor> stateDict,
        String prefix,
        Map<String, Object> localMetadata);
  }

  /// Sees, and may change, the state that a module is about to load.
  @FunctionalInterface
  public interface LoadStateDictPreHook {
    /// Called first.
    ///
    /// @param module the module
    /// @param loading what is loaded
    void apply(Module module, Loading loading);
  }

  /// Sees, and may change, which keys did not fit, after a module and those below it were loaded.
  @FunctionalInterface
  public interface LoadStateDictPostHook {
    /// Called last.
    ///
    /// @param module the module
    /// @param incompatibleKeys lists that can be changed; a strict load refuses what is then in
    ///   them
    void apply(Module module, IncompatibleKeys incompatibleKeys);
  }

  /// What a {@link LoadStateDictPreHook} is given; all of it can be changed.
  ///
  /// @param stateDict the part of the state dict for this module and those below it
  /// @param prefix the module's path with a dot behind, with which keys begin; empty at the root
  /// @param localMetadata what was saved beside the state of this module: Python's `version`
  /// @param missingKeys the keys found missing so far
  /// @param unexpectedKeys the keys found unexpected so far
  /// @param errorMessages what else is wrong; one more makes loading fail
  public record Loading(
      Map<String, Tensor> stateDict,
      String prefix,
      Map<String, Object> localMetadata,
      List<String> missingKeys,
      List<String> unexpectedKeys,
      List<String> errorMessages) {}

  /// Calls a function before each {@link #stateDict} of this module or one above it.
  ///
  /// @param hook called first
  /// @return removes the hook when closed
  public final HookHandle registerStateDictPreHook(StateDictPreHook hook) {
    return add(stateHooks.save, hook);
  }

  /// Calls a function after each {@link #stateDict} of this module or one above it.
  ///
  /// @param hook sees the state
  /// @return removes the hook when closed
  public final HookHandle registerStateDictPostHook(StateDictPostHook hook) {
    return add(stateHooks.saved, hook);
  }

  /// Calls a function before state is loaded into this module, to rename keys of older files for
  /// example.
  ///
  /// @param hook sees the state
  /// @return removes the hook when closed
  public final HookHandle registerLoadStateDictPreHook(LoadStateDictPreHook hook) {
    return add(stateHooks.load, hook);
  }

  /// Calls a function after state was loaded into this module. Since it may forgive missing and
  /// unexpected keys, a module with such a hook has copied what fits before they are refused, as
  /// Python always has.
  ///
  /// @param hook sees the keys that did not fit
  /// @return removes the hook when closed
  public final HookHandle registerLoadStateDictPostHook(LoadStateDictPostHook hook) {
    return add(stateHooks.loaded, hook);
  }

  private static <H> HookHandle add(List<H> hooks, H hook) {
    hooks.add(Objects.requireNonNull(hook, "hook"));
    // The same function may be registered twice; each handle removes it once.
    AtomicBoolean registered = new AtomicBoolean(true);
    return () -> {
      if (registered.getAndSet(false)) hooks.remove(hook);
    };
  }

  /// Computes with the module's hooks around it. A module that wants to be open to hooks writes
  ///
  /// ```java
  /// class Head extends Module {
  ///   final Linear fc = register("fc", new Linear(64, 1));
  ///
  ///   Tensor forward(Tensor x) {
  ///     return hooked(x, input -> fc.forward(input.relu()));
  ///   }
  /// }
  /// ```
  ///
  /// Forwards of several arguments pass a record of them.
  ///
  /// @param input what forward was given
  /// @param body computes the output
  /// @param <I> the type of the input
  /// @param <O> the type of the output
  /// @return the output
  /// @throws TypeException if a hook returns a replacement of another type
  protected final <I, O> O hooked(I input, Function<? super I, ? extends O> body) {
    if (Tracing.anywhere() && Tracing.enter(this)) {
      try {
        return runHooked(input, body);
      } finally {
        Tracing.leave();
      }
    }
    return runHooked(input, body);
  }

  private <I, O> O runHooked(I input, Function<? super I, ? extends O> body) {
    boolean backwards = !backwardHooks.isEmpty() || !backwardPreHooks.isEmpty();
    if (preHooks.isEmpty() && hooks.isEmpty() && !backwards) return computed(input, body);
    I given = input;
    for (ForwardPreHook hook : preHooks) given = replace(given, hook.apply(this, given));
    BackwardHooks pass =
        backwards ? new BackwardHooks(this, backwardHooks, backwardPreHooks) : null;
    if (pass != null) given = pass.input(given);
    O output = computed(given, body);
    for (ForwardHook hook : hooks) output = replace(output, hook.apply(this, given, output));
    return pass == null ? output : pass.output(output);
  }

  @SuppressWarnings("unchecked") // forms keep to the types of the layer
  private <I, O> O computed(I input, Function<? super I, ? extends O> body) {
    LayerForm current = form;
    return current == null
        ? body.apply(input)
        : (O) current.compute(input, given -> body.apply((I) given));
  }

  @SuppressWarnings("unchecked") // checked by the class of the value it replaces
  private <T> T replace(T value, @Nullable Object replacement) {
    if (replacement == null) return value;
    if (!value.getClass().isInstance(replacement)) {
      throw new TypeException(
          "a hook of %s returned a %s where a %s is expected"
              .formatted(
                  simpleName(), replacement.getClass().getName(), value.getClass().getName()));
    }
    return (T) replacement;
  }

  // Printing.

  /// What stands between the parentheses of the module's own line in {@link #toString}: its
  /// settings, in Python's spelling.
  ///
  /// @return empty here
  protected String extraRepr() {
    return "";
  }

  /// The tree of modules as Python prints it.
  ///
  /// ```text
  /// LSTMModel(
  ///   (lstm): LSTM(5, 64, num_layers=2, batch_first=True)
  ///   (fc): Linear(in_features=64, out_features=1, bias=True)
  /// )
  /// ```
  @Override
  public String toString() {
    List<String> lines = new ArrayList<>();
    LayerForm current = form;
    String extra = current == null ? extraRepr() : current.extraRepr(extraRepr());
    if (!extra.isEmpty()) lines.addAll(extra.lines().toList());
    if (lines.size() == 1 && children.isEmpty()) return typeName() + "(" + extra + ")";
    children.forEach((name, child) -> {
      lines.add("(" + name + "): " + child.toString().replace("\n", "\n  "));
    });
    if (lines.isEmpty()) return typeName() + "()";
    return typeName() + "(\n  " + String.join("\n  ", lines) + "\n)";
  }

  /// The name of the class as Python prints it, which has others for parametrized and quantized
  /// modules.
  final String typeName() {
    boolean parametrized =
        children.get("parametrizations") instanceof ModuleMembers.Parametrizations;
    String own = quantizedName((parametrized ? "Parametrized" : "") + simpleName());
    LayerForm current = form;
    return current == null ? own : current.typeName(own);
  }

  /// The name that Python's module has once weights are quantized dynamically.
  String quantizedName(String own) {
    return isDynamicallyQuantized() ? "DynamicQuantized" + own : own;
  }

  /// The name of the class, of the nearest superclass that has one.
  final String simpleName() {
    Class<?> type = getClass();
    while (type.isAnonymousClass()) type = type.getSuperclass();
    return type.getSimpleName();
  }
}

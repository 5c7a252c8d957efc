package dev.pantorch.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pantorch.Complex;
import dev.pantorch.DType;
import dev.pantorch.Device;
import dev.pantorch.Generator;
import dev.pantorch.Layout;
import dev.pantorch.MemoryFormat;
import dev.pantorch.fuzz.TensorRecipe.Form;
import dev.pantorch.parity.OperatorTable;
import dev.pantorch.parity.Schemas;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// Makes up calls: the same seed and number give the same call on every machine.
///
/// Half of them are calls that Python once made, of the parity fixtures, with a few arguments
/// changed: these come far into an operator. The other half is made up from the schema alone.
final class CallGenerator {
  private static final DType[] DTYPES =
      Arrays.stream(DType.values()).filter(d -> d != DType.UNDEFINED).toArray(DType[]::new);

  private static final DType[] COMMON = {
    DType.FLOAT32, DType.FLOAT32, DType.FLOAT64, DType.INT64, DType.INT32, DType.BOOL,
    DType.BFLOAT16, DType.FLOAT16, DType.COMPLEX64, DType.UINT8, DType.INT8, DType.QUINT8
  };

  private static final Form[] FORMS = Form.values();

  private static final Form[] HARMLESS = {
    Form.TRANSPOSED,
    Form.EXPANDED,
    Form.STEPPED,
    Form.OFFSET,
    Form.OVERLAPPING,
    Form.CHANNELS_LAST,
    Form.SAME,
    Form.VIEW
  };

  private static final Layout[] LAYOUTS = Layout.values();

  private static final MemoryFormat[] MEMORY_FORMATS = MemoryFormat.values();

  private static final long[] SIZES = {0, 1, 1, 2, 2, 3, 3, 4, 5, 7, 8, 16, 33, 64};

  private static final long[] EXTREME = {
    0,
    1,
    -1,
    63,
    64,
    127,
    128,
    255,
    256,
    1000,
    32767,
    65536,
    1L << 20,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    1L << 31,
    1L << 32,
    1L << 40,
    1L << 62,
    Long.MAX_VALUE,
    Long.MIN_VALUE
  };

  private static final double[] EXTREME_FLOATS = {
    0,
    -0.0,
    1,
    -1,
    0.5,
    1e-300,
    1e300,
    -1e300,
    Double.NaN,
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY,
    3.5e38,
    65504,
    9.3e18,
    -9.3e18
  };

  private static final double[][] PATTERNS = {
    {0},
    {1},
    {-1},
    {0, 1},
    {0, 1, 2, 3, 4, 5, 6, 7},
    {1, 2, 3},
    {0.5, -1.25, 2, 0.125, -3},
    {3, 2, 1, 0},
    {Double.NaN},
    {1, Double.NaN, 2},
    {Double.POSITIVE_INFINITY, 1, -1},
    {-1, 5, 100000},
    {1e30, -1e30},
    {2147483647, -2147483648},
    {9.2e18, -9.2e18},
    {127, -128, 255}
  };

  private static final String[] WORDS = {
    "", "mean", "sum", "max", "prod", "none", "constant", "reflect", "replicate", "circular", "ij",
    "xy", "fro", "nuc", "linear", "nearest", "reduced", "complete", "floor", "trunc", "L", "R",
    "tanh", "amin", "no such word", "i,j->ij", "ij,jk", "...", "\u00e9\u4e2d", "x".repeat(3000)
  };

  private static final String[] MODES = {"noGrad", "inference", "autocast"};

  private final long seed;
  private final List<String> operators = new ArrayList<>(OperatorTable.GENERATED.keySet());
  private final Samples samples;

  // Of the call that is being made up.
  private Random random = new Random(0);
  private long[] shape = {};
  private DType dtype = DType.FLOAT32;

  CallGenerator(long seed, Samples samples) {
    this.seed = seed;
    this.samples = samples;
  }

  int operators() {
    return operators.size();
  }

  /// The operator of a call: each has its turn.
  int operatorOf(long number) {
    return (int) (number % operators.size());
  }

  String operator(int index) {
    return operators.get(index);
  }

  CallRecipe call(long number) {
    String operator = operators.get(operatorOf(number));
    random = new Random(seed * 0x9E3779B97F4A7C15L + number * 0xC2B2AE3D27D4EB4FL);
    random.nextLong(); // the first numbers of near seeds are near each other
    shape = shape();
    dtype = one(0.6) ? DType.FLOAT32 : any(COMMON);
    List<String> types = Schemas.argumentTypes(OperatorTable.row(operator).schema());
    List<JsonNode> known = samples.of(operator);
    List<@Nullable Object> arguments;
    if (!known.isEmpty() && one(0.6)) {
      arguments = samples.arguments(known.get(random.nextInt(known.size())));
      int changes = random.nextInt(4);
      for (int i = 0; i < changes && !arguments.isEmpty(); i++) {
        int at = random.nextInt(arguments.size());
        arguments.set(at, changed(arguments.get(at), types.get(at)));
      }
    } else {
      arguments = new ArrayList<>();
      for (String type : types) arguments.add(value(type));
    }
    String mode = one(0.9) ? "" : any(MODES);
    return new CallRecipe(number, operator, arguments, one(0.05), mode, one(0.3), one(0.03));
  }

  private boolean one(double probability) {
    return random.nextDouble() < probability;
  }

  private <T> T any(T[] of) {
    return of[random.nextInt(of.length)];
  }

  private long[] shape() {
    if (one(0.00005)) return new long[] {1L << 33};
    if (one(0.01)) return new long[] {2, 1L << random.nextInt(14, 18)};
    long[] sizes = new long[random.nextInt(6)];
    for (int i = 0; i < sizes.length; i++) sizes[i] = SIZES[random.nextInt(SIZES.length)];
    while (TensorRecipe.elements(sizes) > TensorRecipe.MAX_ELEMENTS) {
      sizes[random.nextInt(sizes.length)] = 1L + random.nextInt(3);
    }
    return sizes;
  }

  private long[] nearShape(long[] of) {
    if (TensorRecipe.elements(of) > TensorRecipe.MAX_ELEMENTS) return of;
    long[] sizes = of.clone();
    return switch (random.nextInt(8)) {
      case 0 -> shape();
      case 1 -> sizes.length > 0 ? Arrays.copyOfRange(sizes, 1, sizes.length) : sizes;
      case 2 -> sizes.length > 0 ? Arrays.copyOf(sizes, sizes.length - 1) : sizes;
      case 3 -> {
        long[] more = Arrays.copyOf(sizes, sizes.length + 1);
        more[sizes.length] = 1L + random.nextInt(2);
        yield more;
      }
      case 4 -> new long[0];
      default -> {
        if (sizes.length > 0) {
          sizes[random.nextInt(sizes.length)] = SIZES[random.nextInt(SIZES.length - 3)];
        }
        yield sizes;
      }
    };
  }

  private TensorRecipe tensor() {
    long[] sizes = one(0.6) ? shape : nearShape(shape);
    DType type = one(0.75) ? dtype : one(0.7) ? any(COMMON) : anyDtype();
    return new TensorRecipe(type, sizes, pattern(), form(), one(0.3));
  }

  private DType anyDtype() {
    return any(DTYPES);
  }

  private double[] pattern() {
    return any(PATTERNS);
  }

  private Form form() {
    if (one(0.65)) return Form.CONTIGUOUS;
    if (one(0.8)) {
      return any(HARMLESS);
    }
    return any(FORMS);
  }

  private long integer() {
    if (one(0.75)) return random.nextInt(9) - 3L;
    if (one(0.3) && shape.length > 0) return shape[random.nextInt(shape.length)];
    return EXTREME[random.nextInt(EXTREME.length)];
  }

  private double real() {
    return one(0.5)
        ? random.nextInt(5) * 0.5 - 0.5
        : EXTREME_FLOATS[random.nextInt(EXTREME_FLOATS.length)];
  }

  private Object number() {
    return switch (random.nextInt(5)) {
      case 0, 1 -> integer();
      case 2, 3 -> real();
      default -> new Complex(real(), real());
    };
  }

  private String word() {
    return any(WORDS);
  }

  private long[] integers(String type) {
    int open = type.indexOf('[');
    String wanted = type.substring(open + 1, type.indexOf(']'));
    int count = wanted.isEmpty() || one(0.15) ? random.nextInt(6) : Integer.parseInt(wanted);
    long[] values = new long[count];
    if (one(0.4)) {
      for (int i = 0; i < count; i++) values[i] = 1L + random.nextInt(3);
    } else if (one(0.3)) {
      return shape;
    } else {
      for (int i = 0; i < count; i++) values[i] = integer();
    }
    return values;
  }

  /// A value of a type of the schema.
  private @Nullable Object value(String declared) {
    String type = declared.replaceAll("\\([a-z]!?( -> \\*)?\\)", "");
    if (type.endsWith("?")) {
      if (one(0.4)) return null;
      type = type.substring(0, type.length() - 1);
    }
    return switch (type) {
      case "Tensor" -> tensor();
      case "Tensor[]", "Tensor?[]" -> tensors(type.equals("Tensor?[]"));
      case "int", "SymInt" -> integer();
      case "float" -> real();
      case "bool" -> random.nextBoolean();
      case "Scalar" -> number();
      case "Scalar[]" -> {
        Object[] numbers = new Object[random.nextInt(4)];
        for (int i = 0; i < numbers.length; i++) numbers[i] = number();
        yield numbers;
      }
      case "float[]" -> {
        double[] numbers = new double[random.nextInt(4)];
        for (int i = 0; i < numbers.length; i++) numbers[i] = real();
        yield numbers;
      }
      case "str" -> word();
      case "ScalarType" -> one(0.6) ? dtype : anyDtype();
      case "Layout" -> one(0.8) ? Layout.STRIDED : any(LAYOUTS);
      case "MemoryFormat" -> any(MEMORY_FORMATS);
      case "Device" -> one(0.8) ? Device.CPU : Device.of("meta");
      case "Generator" -> new Generator();
      default -> {
        if (type.startsWith("bool[")) {
          boolean[] flags = new boolean[one(0.1) ? random.nextInt(5) : type.charAt(5) - '0'];
          for (int i = 0; i < flags.length; i++) flags[i] = random.nextBoolean();
          yield flags;
        }
        if (type.startsWith("int[") || type.startsWith("SymInt[")) yield integers(type);
        throw new IllegalArgumentException("type " + declared);
      }
    };
  }

  private List<@Nullable Object> tensors(boolean withNulls) {
    List<@Nullable Object> list = new ArrayList<>();
    int count = random.nextInt(one(0.1) ? 10 : 4);
    for (int i = 0; i < count; i++) list.add(withNulls && one(0.3) ? null : tensor());
    return list;
  }

  /// Another value in the place of one that Python had passed.
  private @Nullable Object changed(@Nullable Object value, String type) {
    return switch (value) {
      case TensorRecipe recipe -> changed(recipe);
      case List<?> list when !list.isEmpty() && one(0.85) -> {
        List<@Nullable Object> copy = new ArrayList<>(list);
        int at = random.nextInt(copy.size());
        if (one(0.25)) {
          copy.remove(at);
        } else if (one(0.2)) {
          copy.add(copy.get(at));
        } else if (copy.get(at) instanceof TensorRecipe recipe) {
          copy.set(at, changed(recipe));
        }
        yield copy;
      }
      case long[] values when values.length > 0 && one(0.7) -> {
        long[] copy = values.clone();
        copy[random.nextInt(copy.length)] = integer();
        yield copy;
      }
      case null, default -> value(type);
    };
  }

  private TensorRecipe changed(TensorRecipe of) {
    return switch (random.nextInt(8)) {
      case 0 -> new TensorRecipe(anyDtype(), of.shape(), of.values(), of.form(), of.requiresGrad());
      case 1 -> new TensorRecipe(any(COMMON), of.shape(), of.values(), of.form(), false);
      case 2, 3, 4 ->
          new TensorRecipe(
              of.dtype(), nearShape(of.shape()), of.values(), of.form(), of.requiresGrad());
      case 5 -> new TensorRecipe(of.dtype(), of.shape(), of.values(), form(), of.requiresGrad());
      case 6 -> new TensorRecipe(of.dtype(), of.shape(), pattern(), of.form(), of.requiresGrad());
      default -> tensor();
    };
  }
}

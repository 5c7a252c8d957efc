package dev.pantorch;

/// The order of dimensions in memory that an operator is asked to keep or to make.
///
/// [torch.memory_format](https://docs.pytorch.org/docs/2.13/tensor_attributes.html#torch.memory_format)
public enum MemoryFormat {
  /// Rows one after the other.
  CONTIGUOUS(0, "contiguous_format"),
  /// As the input has it.
  PRESERVE(1, "preserve_format"),
  /// Four dimensions, channels innermost.
  CHANNELS_LAST(2, "channels_last"),
  /// Five dimensions, channels innermost.
  CHANNELS_LAST_3D(3, "channels_last_3d");

  private final int code;
  private final String torchName;

  MemoryFormat(int code, String torchName) {
    this.code = code;
    this.torchName = torchName;
  }

  /// libtorch's number.
  ///
  /// @return the number
  public int code() {
    return code;
  }

  /// The name in Python without `torch.`.
  ///
  /// @return the name
  public String torchName() {
    return torchName;
  }

  /// The value of a number of libtorch's.
  ///
  /// @param code the number
  /// @return the value
  /// @throws IllegalArgumentException if there is none
  public static MemoryFormat ofCode(int code) {
    for (MemoryFormat value : values()) {
      if (value.code == code) return value;
    }
    throw new IllegalArgumentException("no MemoryFormat has the code " + code);
  }

  /// As Python prints it.
  @Override
  public String toString() {
    return "torch." + torchName;
  }
}

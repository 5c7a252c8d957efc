package dev.pantorch;

/// How a tensor's elements lie in memory.
///
/// [torch.layout](https://docs.pytorch.org/docs/2.13/tensor_attributes.html#torch.layout)
public enum Layout {
  /// Dense, with a stride for each dimension.
  STRIDED(0, "strided"),
  /// Coordinates and values.
  SPARSE(1, "sparse_coo"),
  /// Compressed rows.
  SPARSE_CSR(2, "sparse_csr"),
  /// oneDNN's own.
  MKLDNN(3, "_mkldnn"),
  /// Compressed columns.
  SPARSE_CSC(4, "sparse_csc"),
  /// Compressed rows of blocks.
  SPARSE_BSR(5, "sparse_bsr"),
  /// Compressed columns of blocks.
  SPARSE_BSC(6, "sparse_bsc"),
  /// Rows of different lengths.
  JAGGED(7, "jagged");

  private final int code;
  private final String torchName;

  Layout(int code, String torchName) {
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
  public static Layout ofCode(int code) {
    for (Layout value : values()) {
      if (value.code == code) return value;
    }
    throw new IllegalArgumentException("no Layout has the code " + code);
  }

  /// As Python prints it.
  @Override
  public String toString() {
    return "torch." + torchName;
  }
}

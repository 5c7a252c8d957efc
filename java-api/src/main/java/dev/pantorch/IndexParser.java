package dev.pantorch;

/// Reads indices as Python writes them between brackets.
final class IndexParser {
  private final String text;

  private IndexParser(String text) {
    this.text = text;
  }

  static Index[] parse(String text) {
    return new IndexParser(text).items();
  }

  private Index[] items() {
    // As in Python, a comma may follow the last item.
    String list = text.strip();
    if (list.endsWith(",")) list = list.substring(0, list.length() - 1);
    String[] items = list.split(",", -1);
    Index[] indices = new Index[items.length];
    for (int i = 0; i < items.length; i++) indices[i] = item(items[i].strip());
    return indices;
  }

  private Index item(String item) {
    return switch (item) {
      case "..." -> Index.ellipsis();
      case "None" -> Index.newAxis();
      case "True" -> Index.of(true);
      case "False" -> Index.of(false);
      default -> item.contains(":") ? slice(item) : Index.at(number(item, item));
    };
  }

  private Index slice(String item) {
    String[] parts = item.split(":", -1);
    if (parts.length > 3) throw unreadable(item);
    return Index.slice(
        part(parts, 0, 0, item), part(parts, 1, Long.MAX_VALUE, item), part(parts, 2, 1, item));
  }

  private long part(String[] parts, int which, long omitted, String item) {
    String part = which < parts.length ? parts[which].strip() : "";
    return part.isEmpty() || part.equals("None") ? omitted : number(part, item);
  }

  private long number(String digits, String item) {
    try {
      return Long.parseLong(digits);
    } catch (NumberFormatException e) {
      throw unreadable(item);
    }
  }

  private IndexException unreadable(String item) {
    return new IndexException(
        "cannot read '%s' in the index \"%s\"; expected numbers, slices as 1:5:2, ..., None, True or False, with commas between them"
            .formatted(item, text));
  }
}

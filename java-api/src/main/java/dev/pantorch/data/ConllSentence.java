package dev.pantorch.data;

import dev.pantorch.ValueException;
import java.util.List;

/// A sentence of a {@link ConllReader}.
///
/// ```java
/// for (ConllSentence sentence : new ConllReader(o -> o.columns("word", "ner")).read(path)) {
///   System.out.println(sentence.words() + " " + sentence.column("ner"));
/// }
/// ```
///
/// @param columns the fields, column by column, each as long as the sentence
/// @param names the columns' names; empty if they have none
/// @param document which document of the file it is in, from 0
/// @param line the line of its first token, from 1
public record ConllSentence(
    List<List<String>> columns, List<String> names, int document, int line) {
  /// The first column.
  ///
  /// @return a word for each token
  public List<String> words() {
    return columns.getFirst();
  }

  /// A column by its name.
  ///
  /// @param name one of {@link #names}
  /// @return a field for each token
  /// @throws ValueException if there is no such column
  public List<String> column(String name) {
    int index = names.indexOf(name);
    if (index < 0) {
      throw new ValueException("there is no column %s; there are %s".formatted(name, names));
    }
    return columns.get(index);
  }

  /// The last column, where the tags of most files are.
  ///
  /// @return a tag for each token
  public List<String> tags() {
    return columns.getLast();
  }

  /// How many tokens there are.
  ///
  /// @return at least 1
  public int size() {
    return words().size();
  }
}

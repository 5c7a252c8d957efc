package dev.pantorch.data;

import dev.pantorch.ValueException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How entities are written as one tag a token. A token outside of all is `O`.
///
/// ```java
/// List<String> tags = List.of("I-ORG", "O", "I-PER", "I-PER", "B-PER");
/// TagScheme.IOB1.convert(tags, TagScheme.IOBES); // [S-ORG, O, B-PER, E-PER, S-PER]
/// ```
///
/// Reading is strict: tags that the scheme does not allow are an error that names the token. {@link
/// dev.pantorch.metrics.EntityF1}, which has to count whatever a model says, forgives as conlleval
/// does.
///
/// [Ramshaw and Marcus (1995)](https://aclanthology.org/W95-0107/) and [Tjong Kim Sang and Veenstra
/// (1999)](https://aclanthology.org/E99-1023/).
public enum TagScheme {
  /// Tokens of an entity are `I-`; the first is `B-` only where an entity of the same type ends
  /// right before it. The files of CoNLL-2003 are so.
  IOB1("I-type, or B-type right after an entity of that type"),
  /// The first token of an entity is `B-`, the others are `I-`.
  IOB2("B-type or I-type"),
  /// As IOB2, but the last token is `E-`, and an entity of one token is `S-`.
  IOBES("B-type, I-type, E-type or S-type");

  private static final String OUTSIDE = "O";
  private final String tags;

  TagScheme(String tags) {
    this.tags = tags;
  }

  /// An entity in a sentence.
  ///
  /// @param type such as `PER`
  /// @param start its first token, from 0
  /// @param end the token after its last
  public record Span(String type, int start, int end) {}

  /// The entities that tags say.
  ///
  /// @param sentence a tag for each token
  /// @return in the order of the sentence
  /// @throws ValueException if the tags are not of this scheme; it names the token, counted from 0
  public List<Span> spans(List<String> sentence) {
    var spans = new ArrayList<Span>();
    @Nullable String type = null; // of the entity that is open
    int start = 0;
    for (int i = 0; i < sentence.size(); i++) {
      String tag = sentence.get(i);
      char prefix = prefix(tag, i);
      String ofToken = prefix == 'O' ? "" : tag.substring(2);
      boolean same = ofToken.equals(type);
      boolean continues = same && (prefix == 'I' || prefix == 'E');
      if (!continues) {
        if (type != null) spans.add(closed(type, start, i, false));
        if (prefix == 'E' || (prefix == 'I' && this != IOB1)) {
          throw wrong(tag, i, "continues no entity of that type");
        }
        if (prefix == 'B' && this == IOB1 && !same) {
          throw wrong(tag, i, "stands after no entity of that type");
        }
        type = prefix == 'O' ? null : ofToken;
        start = i;
      }
      if (type != null && (prefix == 'E' || prefix == 'S')) {
        spans.add(closed(type, start, i + 1, true));
        type = null;
      }
    }
    if (type != null) spans.add(closed(type, start, sentence.size(), false));
    return spans;
  }

  private char prefix(String tag, int token) {
    if (tag.equals(OUTSIDE)) return 'O';
    char prefix = tag.length() > 2 && tag.charAt(1) == '-' ? tag.charAt(0) : ' ';
    if ((this == IOBES ? "BIES" : "BI").indexOf(prefix) < 0) {
      throw wrong(tag, token, "is no tag of it");
    }
    return prefix;
  }

  private ValueException wrong(String tag, int token, String problem) {
    return new ValueException(
        "token %d, %s, %s: %s has O, %s".formatted(token, tag, problem, this, tags));
  }

  private Span closed(String type, int start, int end, boolean marked) {
    if (this == IOBES && !marked) {
      throw new ValueException(
          "token %d begins an entity %s that has no end before token %d: in IOBES the last token is E-%s"
              .formatted(start, type, end, type));
    }
    return new Span(type, start, end);
  }

  /// The tags that say entities.
  ///
  /// @param spans the entities, in any order
  /// @param length how many tokens the sentence has
  /// @return a tag for each token
  /// @throws ValueException if an entity is empty, beyond the sentence or over another
  public List<String> tags(List<Span> spans, int length) {
    String[] sentence = new String[length];
    Arrays.fill(sentence, OUTSIDE);
    Span before = new Span("", 0, 0);
    for (Span span : spans.stream().sorted(Comparator.comparingInt(Span::start)).toList()) {
      if (span.start < before.end || span.start >= span.end || span.end > length) {
        throw new ValueException(
            "%s does not fit into a sentence of %d tokens after %s"
                .formatted(span, length, before));
      }
      boolean touches = before.end == span.start && before.type.equals(span.type);
      Arrays.fill(sentence, span.start, span.end, "I-" + span.type);
      if (this != IOB1 || touches) sentence[span.start] = "B-" + span.type;
      if (this == IOBES) {
        String last = span.end - span.start == 1 ? "S-" : "E-";
        sentence[span.end - 1] = last + span.type;
      }
      before = span;
    }
    return List.of(sentence);
  }

  /// The same entities as another scheme writes them.
  ///
  /// @param sentence a tag of this scheme for each token
  /// @param other the scheme wanted
  /// @return a tag for each token
  /// @throws ValueException if the tags are not of this scheme
  public List<String> convert(List<String> sentence, TagScheme other) {
    return other.tags(spans(sentence), sentence.size());
  }
}

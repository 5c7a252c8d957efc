package dev.pantorch.data;

import static dev.pantorch.data.TagScheme.IOB1;
import static dev.pantorch.data.TagScheme.IOB2;
import static dev.pantorch.data.TagScheme.IOBES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantorch.ValueException;
import dev.pantorch.data.TagScheme.Span;
import dev.pantorch.metrics.EntityF1;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TagSchemeTest {
  @ParameterizedTest
  @CsvSource({
    "I-A I-A O I-B, B-A I-A O B-B, B-A E-A O S-B",
    "I-A B-A I-B, B-A B-A B-B, S-A S-A S-B",
    "I-A B-A I-A I-B I-A, B-A B-A I-A B-B B-A, S-A B-A E-A S-B S-A",
    "I-A I-A I-A B-A, B-A I-A I-A B-A, B-A I-A E-A S-A",
    "O O, O O, O O"
  })
  void should_write_the_same_entities_in_each_scheme(String iob1, String iob2, String iobes) {
    var written = new EnumMap<TagScheme, List<String>>(TagScheme.class);
    written.put(IOB1, List.of(iob1.split(" ", -1)));
    written.put(IOB2, List.of(iob2.split(" ", -1)));
    written.put(IOBES, List.of(iobes.split(" ", -1)));
    for (Map.Entry<TagScheme, List<String>> from : written.entrySet()) {
      for (Map.Entry<TagScheme, List<String>> to : written.entrySet()) {
        assertThat(from.getKey().convert(from.getValue(), to.getKey())).isEqualTo(to.getValue());
        if (!iob2.contains("B")) continue;
        // What conlleval reads in one scheme it reads in the others.
        var f1 = new EntityF1(List.of());
        f1.update(from.getValue(), to.getValue());
        assertThat(f1.compute()).isEqualTo(1);
      }
    }
  }

  @Test
  void should_tell_where_entities_are() {
    assertThat(IOB2.spans(List.of("B-PER", "I-PER", "O", "B-LOC", "B-LOC")))
        .containsExactly(new Span("PER", 0, 2), new Span("LOC", 3, 4), new Span("LOC", 4, 5));
    assertThat(IOB2.spans(List.of())).isEmpty();
  }

  @Test
  void should_find_its_own_tags_again_for_all_short_sentences() {
    List<String> alphabet = List.of("O", "B-A", "I-A", "E-A", "S-A", "B-B", "I-B", "E-B", "S-B");
    for (TagScheme scheme : TagScheme.values()) {
      int valid = 0;
      for (int code = 0; code < 9 * 9 * 9 * 9; code++) {
        var tags = new ArrayList<String>();
        for (int rest = code, i = 0; i < 4; i++, rest /= 9) tags.add(alphabet.get(rest % 9));
        List<Span> spans;
        try {
          spans = scheme.spans(tags);
        } catch (ValueException e) {
          continue;
        }
        valid++;
        assertThat(scheme.tags(spans, 4)).isEqualTo(tags);
      }
      // The first token is outside, or begins an entity of 1 to n tokens and of one of two types:
      // a(n) = a(n-1) + 2 (a(n-1) + ... + a(0)), which is 1, 3, 11, 41, 153.
      assertThat(valid).isEqualTo(153);
    }
  }

  @Test
  void should_say_which_token_breaks_the_rules() {
    assertThatThrownBy(() -> IOB2.spans(List.of("O", "I-PER")))
        .isInstanceOf(ValueException.class)
        .hasMessage(
            "token 1, I-PER, continues no entity of that type: IOB2 has O, B-type or I-type");
    assertThatThrownBy(() -> IOB2.spans(List.of("B-PER", "I-LOC")))
        .hasMessageStartingWith("token 1, I-LOC, continues no entity of that type");
    assertThatThrownBy(() -> IOB1.spans(List.of("I-PER", "B-LOC")))
        .hasMessage(
            "token 1, B-LOC, stands after no entity of that type: IOB1 has O, I-type, or B-type"
                + " right after an entity of that type");
    assertThatThrownBy(() -> IOB2.spans(List.of("S-PER")))
        .hasMessage("token 0, S-PER, is no tag of it: IOB2 has O, B-type or I-type");
    assertThatThrownBy(() -> IOBES.spans(List.of("PER")))
        .hasMessage("token 0, PER, is no tag of it: IOBES has O, B-type, I-type, E-type or S-type");
    assertThatThrownBy(() -> IOBES.spans(List.of("O", "B-PER", "I-PER", "O")))
        .hasMessage(
            "token 1 begins an entity PER that has no end before token 3: in IOBES the last token"
                + " is E-PER");
    assertThatThrownBy(() -> IOBES.spans(List.of("B-PER")))
        .hasMessageContaining("has no end before token 1");
    assertThatThrownBy(() -> IOBES.spans(List.of("S-PER", "E-PER")))
        .hasMessageStartingWith("token 1, E-PER, continues no entity");
  }

  @Test
  void should_refuse_entities_that_do_not_fit() {
    assertThatThrownBy(() -> IOB2.tags(List.of(new Span("A", 1, 3), new Span("B", 2, 3)), 3))
        .isInstanceOf(ValueException.class)
        .hasMessage(
            "Span[type=B, start=2, end=3] does not fit into a sentence of 3 tokens after"
                + " Span[type=A, start=1, end=3]");
    assertThatThrownBy(() -> IOB2.tags(List.of(new Span("A", 1, 4)), 3))
        .isInstanceOf(ValueException.class);
    assertThatThrownBy(() -> IOB2.tags(List.of(new Span("A", 1, 1)), 3))
        .isInstanceOf(ValueException.class);
  }
}

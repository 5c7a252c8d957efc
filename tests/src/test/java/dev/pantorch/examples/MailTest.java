package dev.pantorch.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class MailTest {
  private static Mail read(String raw) {
    return Mail.read(true, raw.getBytes(StandardCharsets.ISO_8859_1));
  }

  @Test
  void should_read_the_subject_over_folded_lines_and_the_body() {
    Mail mail = read("From: a@b.example\r\nSubject: Free\r\n\tmoney \r\n\r\nNow, or\r\nnever!\r\n");
    assertThat(mail.subject()).isEqualTo("Free money");
    assertThat(mail.body()).isEqualTo("Now, or\nnever!\n");
    assertThat(mail.tokens()).containsExactly("free", "money", "now", "or", "never", "!");
  }

  @Test
  void should_put_signs_for_what_differs_from_mail_to_mail() {
    assertThat(
            read("Subject: x\n\n"
                    + "Write to me@home.example, don't wait: $1,000!!!!! at"
                    + " http://a.example/b?c#d")
                .tokens())
        .containsExactly(
            "x",
            "write",
            "to",
            "<address>",
            "don't",
            "wait",
            "$",
            "<number>",
            "!!!",
            "at",
            "<url>");
  }

  @Test
  void should_decode_quoted_printable() {
    assertThat(
            read("Content-Transfer-Encoding: Quoted-Printable\n\nfr=65e=20lun=\nch =E9\n").body())
        .isEqualTo("free lunch \u00e9\n");
  }

  @Test
  void should_decode_base64_even_if_its_end_is_missing() {
    // "free lunch" is ZnJlZSBsdW5jaA==.
    assertThat(read("Content-Transfer-Encoding: base64\n\nZnJl\nZSBs\ndW5jaA\n").body())
        .isEqualTo("free lunc");
  }

  @Test
  void should_strip_html() {
    assertThat(
            read("""
            Content-Type: text/html

            <html><style>p { color: red }</style><!-- a
            b --><p>Free&nbsp;money</p><SCRIPT>go()</script></html>
            """)
                .tokens())
        .containsExactly("<html>", "free", "money");
  }

  @Test
  void should_read_all_texts_of_a_mail_in_parts() {
    assertThat(
            read("""
            Content-Type: multipart/mixed; boundary="a b"

            For old readers.
            --a b
            Content-Type: text/plain

            one
            --a b
            Content-Type: multipart/alternative; boundary=inner

            --inner

            two
            --inner--
            --a b
            Content-Type: image/gif

            picture
            --a b--
            after
            """)
                .tokens())
        .containsExactly("one", "two");
  }
}

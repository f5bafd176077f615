package tofu.tests.guide;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tofu.tests.rigs.ProjectRoot;

/// The conversations of docs/wire-examples.md are the recorded ones, each of them, to the byte.
class WireExamplesTest {
    private static final Path FOLDER =
            ProjectRoot.find().resolve("tofu-tests/src/test/resources/transcripts");

    private static final Pattern FRAME =
            Pattern.compile(
                    "([CS]>[CS]) \\+\\d+ms # (\\w+) channel=(\\d+) proto=0x\\w+\\("
                            + "op=\\d+ origin=0 more=(\\d) iA=(\\d) iB=0\\) status=0"
                            + " message_id=(\\d+) thl=\\d+ bl=\\d+");

    private static final Pattern HEADER = Pattern.compile("[CS]>[CS]   hdr  ([0-9a-f |]+)");
    private static final Pattern TEXT = Pattern.compile("[CS]>[CS]   thdr [0-9a-f ]+# b'(.*)'");
    private static final Pattern BODY = Pattern.compile("[CS]>[CS]   body ([0-9a-f ]+?) +#.*");
    private static final Pattern END = Pattern.compile("([CS]>[CS]) \\+\\d+ms # <(\\w+).*>");
    private static final Pattern SEEN =
            Pattern.compile(
                    "# +(?:RECV|ENG ) ch=\\d+ op=(\\w+) proto=\\S+ origin=(\\w+) .*"
                            + "status=\\d+\\((\\w+)\\) mid=(\\d+) .*");

    @Test
    void eachIsTheRecordedOne() throws IOException {
        List<String> shown = new ArrayList<>();
        for (Page.Block block : Page.of("docs/wire-examples.md").blocks()) {
            if (block.kind().equals("transcript")) {
                shown.add(block.source());
                Path recorded = FOLDER.resolve(block.source() + ".txt");
                assertThat(block.text())
                        .as(block.place())
                        .isEqualTo(String.join("\n", written(Files.readAllLines(recorded))) + "\n");
            }
        }
        assertThat(shown).containsExactlyInAnyOrderElementsOf(recordings());
    }

    private static List<String> recordings() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.map(file -> file.getFileName().toString().replace(".txt", ""))
                    .filter(name -> !name.startsWith("00"))
                    .toList();
        }
    }

    /// A recording as the page writes it: without the hex of what is text, and without times.
    private static List<String> written(List<String> recorded) {
        List<String> written = new ArrayList<>();
        for (String line : recorded) {
            Matcher match = FRAME.matcher(line);
            if (match.matches()) {
                written.add(frame(match));
            } else if ((match = HEADER.matcher(line)).matches()) {
                written.add("      " + match.group(1).strip());
            } else if ((match = TEXT.matcher(line)).matches()) {
                for (String header : match.group(1).split("\\\\r\\\\n")) {
                    written.add("      " + header);
                }
            } else if ((match = BODY.matcher(line)).matches()) {
                written.add("      " + match.group(1));
            } else if ((match = END.matcher(line)).matches()) {
                written.add(match.group(1) + "   " + match.group(2));
            } else if ((match = SEEN.matcher(line)).matches()) {
                String engine = match.group(2).equals("engine") ? ", origin engine" : "";
                String status = match.group(3).equals("success") ? "" : ", " + match.group(3);
                String what = match.group(1) + engine + status;
                written.add("the client sees " + what + ", id " + match.group(4));
            }
        }
        return written;
    }

    private static String frame(Matcher match) {
        return match.group(1)
                + "   "
                + match.group(2)
                + ", channel "
                + match.group(3)
                + ", id "
                + match.group(6)
                + (match.group(4).equals("1") ? ", more" : "")
                + (match.group(5).equals("1") ? ", out of band" : "");
    }
}

package tofu.tests.guide;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tofu.tests.rigs.ProjectRoot;

/// What docs/architecture.md names is there: each type, and each member of it; and all types of the
/// engine are named. On that page only names of this project stand as code, those of the JDK do
/// not.
class ArchitecturePageTest {
    /// In a picture there is other text, too.
    private static final Pattern TYPE_IN_PICTURE =
            Pattern.compile("\\b[A-Z][a-z]+(?:[A-Z][a-z]+)+\\b");

    private static final Pattern ENGINE =
            Pattern.compile(".*\\btofu-(engine|pool).src.main\\b.*\\b([A-Z]\\w*)\\.java");

    private static SourceNames names;

    @BeforeAll
    static void readNames() throws IOException {
        names = SourceNames.read();
    }

    @Test
    void everyNameOnThePageIsInTheSources() {
        Page page = Page.of("docs/architecture.md");
        List<String> lacking = new ArrayList<>();
        for (Page.Line code : page.code()) {
            if (names.lacks(code.text())) {
                lacking.add(page + ":" + code.number() + " " + code.text());
            }
        }
        for (Page.Block block : page.blocks()) {
            Matcher type = TYPE_IN_PICTURE.matcher(block.text());
            while (type.find()) {
                if (names.lacks(type.group())) {
                    lacking.add(block.place() + " " + type.group());
                }
            }
        }
        assertThat(lacking).isEmpty();
        assertThat(page.code()).hasSizeGreaterThan(100);
    }

    @Test
    void everyTypeOfTheEngineIsOnThePage() throws IOException {
        Page page = Page.of("docs/architecture.md");
        Set<String> words = new HashSet<>();
        page.code().forEach(code -> words.addAll(List.of(code.text().split("\\W+"))));
        page.blocks().forEach(block -> words.addAll(List.of(block.text().split("\\W+"))));
        List<String> types =
                ProjectRoot.javaSources().stream()
                        .map(Path::toString)
                        .filter(file -> ENGINE.matcher(file).matches())
                        .map(file -> ENGINE.matcher(file).replaceFirst("$2"))
                        .toList();
        assertThat(types).isNotEmpty();
        assertThat(types).filteredOn(type -> !words.contains(type)).as("not on " + page).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Reactr",
                "Reactor.resumed",
                "Slot.Owner.SENDER",
                "Slot.Ownership.QUEUE",
                "Channel.onReady", // another type's
                "LEADER_DOZING",
                "enqueueToPear",
                "ampe.getNothing",
                "tofu.engine.group"
            })
    void whatIsNotThereIsLacking(String code) {
        assertThat(names.lacks(code)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Reactor",
                "Reactor.step",
                "Reactor.post(entry)",
                "Slot.Owner.QUEUE",
                "Shared.registry", // a component
                "SimNet.poll", // a test's
                "LEADER_AWAKE",
                "enqueueToPeer",
                "ampe.get",
                "tofu.engine.link",
                "./mvnw verify",
                "tofu-1-loop-0"
            })
    void whatIsThereIsNotLacking(String code) {
        assertThat(names.lacks(code)).isFalse();
    }
}

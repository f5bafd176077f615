package tofu.tests.guide;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Each snippet of the README and the guide is what runs: a region of a source that is compiled, or
/// a program that [HelloTest] compiles and runs.
class SnippetTest {
    private static final Set<String> COMPILED = Set.of("java", "kotlin", "c");

    static Stream<Page> pages() {
        return Page.withSnippets().stream();
    }

    @ParameterizedTest
    @MethodSource("pages")
    void everySnippetIsWhatRuns(Page page) throws IOException {
        for (Page.Block block : page.blocks()) {
            if (block.kind().equals("snippet")) {
                assertThat(block.text())
                        .as(block.place() + " against " + block.source())
                        .isEqualTo(Region.text(block.source()));
            } else if (COMPILED.contains(block.language())) {
                assertThat(block.kind()).as(block.place() + " has no source").isEqualTo("program");
            }
        }
    }

    @Test
    void everyRegionIsOnAPage() throws IOException {
        Set<String> shown = new TreeSet<>();
        for (Page page : Page.withSnippets()) {
            page.blocks().forEach(block -> shown.add(block.source()));
        }
        List<String> regions = new ArrayList<>();
        try (Stream<Path> files = Files.list(Region.guide())) {
            for (Path file : files.sorted().toList()) {
                String type = file.getFileName().toString().replace(".java", "");
                if (!file.endsWith("Region.java")) {
                    Region.names(file).forEach(name -> regions.add(type + "#" + name));
                }
            }
        }
        assertThat(regions).isNotEmpty().doesNotHaveDuplicates();
        assertThat(shown).containsAll(regions);
    }
}

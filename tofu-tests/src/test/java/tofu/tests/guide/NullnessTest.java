package tofu.tests.guide;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/// What the README and the guide show is accepted where a null that nobody looked at is not.
@Timeout(600)
@Execution(ExecutionMode.SAME_THREAD)
class NullnessTest {
    private static Path write(Path folder, String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    /// Of a source that a page shows a part of, the whole.
    @Test
    void whatReadmeAndGuideShowIs(@TempDir Path folder) throws Exception {
        Set<Path> sources = new TreeSet<>();
        for (Page page : Page.withSnippets()) {
            for (Page.Block block : page.blocks()) {
                String type = block.source().replaceFirst("#.*", "");
                if (block.kind().equals("program") && type.contains("/")) {
                    sources.add(write(folder, block.source(), block.text()));
                } else if (block.kind().equals("snippet") && !type.contains("/")) {
                    sources.add(Region.guide().resolve(type + ".java"));
                }
            }
        }
        assertThat(sources).hasSize(4 + 2 + 19);
        sources.add(Region.guide().resolve("package-info.java"));
        for (String of : List.of("hello", "secure")) {
            String marked = "@org.jspecify.annotations.NullMarked package " + of + ";";
            sources.add(write(folder, of + "/package-info.java", marked));
        }
        assertThat(StrictJavac.compile(List.copyOf(sources), folder)).isEmpty();
    }

    @Test
    void aNullThatNobodyLookedAtIsNot(@TempDir Path folder) throws Exception {
        String careless =
                """
                import java.time.Duration;
                import org.jspecify.annotations.NullMarked;
                import tofu.api.*;

                @NullMarked
                class Careless {
                    String use(Ampe ampe, ChannelGroup group, Message message)
                            throws InterruptedException {
                        group.waitReceive(Duration.ZERO).body(); // not
                        ampe.get(AllocationStrategy.POOL_ONLY).close(); // not
                        message.headers().first("name").strip(); // not
                        group.channel(1).pauseReceive(); // not
                        group.enqueueToPeer(null); // not
                        ampe.get().body();
                        group.waitReceive().body();
                        return message.headers().first("other"); // not
                    }
                }
                """;
        Path source = write(folder, "Careless.java", careless);
        List<String> refused =
                StrictJavac.compile(List.of(source), folder)
                        .lines()
                        .filter(line -> line.contains("error: [NullAway]"))
                        .map(line -> line.replaceFirst(".*Careless.java:(\\d+):.*", "$1"))
                        .toList();
        List<String> lines = careless.lines().toList();
        assertThat(refused)
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(1, lines.size())
                                .filter(number -> lines.get(number - 1).endsWith("// not"))
                                .mapToObj(Integer::toString)
                                .toList());
    }
}

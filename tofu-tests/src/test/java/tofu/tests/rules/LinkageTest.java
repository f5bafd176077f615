package tofu.tests.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.Utf8Entry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tofu.tests.rigs.ProjectRoot;

/// What the JVM links when it is first needed may find no memory for that. A bootstrap method that
/// has failed fails for as long as the process lives.
class LinkageTest {
    private static final String CONCATENATION = "java/lang/invoke/StringConcatFactory";

    private static boolean linksStrings(Path file) {
        try {
            return StreamSupport.stream(
                            ClassFile.of().parse(file).constantPool().spliterator(), false)
                    .anyMatch(
                            entry ->
                                    entry instanceof Utf8Entry text
                                            && text.equalsString(CONCATENATION));
        } catch (IOException e) {
            throw new AssertionError(file.toString(), e);
        }
    }

    /// The compiler's `-XDstringConcat=inline`.
    @ParameterizedTest
    @ValueSource(strings = {"tofu-api", "tofu-pool", "tofu-engine", "tofu-kit"})
    void theTextOfAnExceptionNeedsNoBootstrap(String module) throws Exception {
        List<Path> files;
        try (Stream<Path> all =
                Files.walk(ProjectRoot.find().resolve(module + "/target/classes"))) {
            files = all.filter(file -> file.toString().endsWith(".class")).toList();
        }

        assertThat(files).hasSizeGreaterThan(10);
        assertThat(files.stream().filter(LinkageTest::linksStrings)).isEmpty();
    }
}

package tofu.tests.rigs;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/// The compilers that users have and this project has not: Kotlin's, Error Prone and NullAway. The
/// build has put down where they are; they run as processes of their own.
public final class Compilers {
    private Compilers() {}

    /// The jars of all of them, as a class path.
    public static String path() throws IOException {
        return Files.readString(ProjectRoot.find().resolve("tofu-tests/target/compilers.path"));
    }

    /// Finds one of the jars.
    ///
    /// @param name the start of its name, up to the version
    public static String jar(String name) throws IOException {
        List<String> found =
                split(path())
                        .filter(entry -> new File(entry).getName().matches(name + "-[0-9.]+\\.jar"))
                        .toList();
        if (found.size() != 1) {
            throw new IOException(name + " is among the compilers as " + found);
        }
        return found.getFirst();
    }

    private static Stream<String> split(String path) {
        return Arrays.stream(path.split(File.pathSeparator));
    }
}

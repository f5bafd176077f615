package tofu.tests.rigs;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/// Counts this process's descriptors of sockets and selectors; Linux only. Whoever counts must be
/// alone in the process.
public final class Descriptors {
    private static final Path SELF = Path.of("/proc/self/fd");

    private Descriptors() {}

    /// How many sockets and selectors are open. Skips the test where that cannot be known.
    ///
    /// @return a count
    public static int count() {
        assumeTrue(Files.isDirectory(SELF), "needs /proc/self/fd");
        return countHere();
    }

    /// As [#count()], where it is known to work; needs no JUnit.
    ///
    /// @return a count
    public static int countHere() {
        int count = 0;
        try (DirectoryStream<Path> all = Files.newDirectoryStream(SELF)) {
            for (Path one : all) {
                count += isOfNet(one) ? 1 : 0;
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return count;
    }

    private static boolean isOfNet(Path descriptor) {
        try {
            String target = Files.readSymbolicLink(descriptor).toString();
            return target.startsWith("socket:") || target.startsWith("anon_inode:");
        } catch (IOException e) {
            return false; // closed meanwhile, as the one that lists them
        }
    }
}

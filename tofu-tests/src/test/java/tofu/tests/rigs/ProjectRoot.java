package tofu.tests.rigs;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Where the sources of the whole project are.
public final class ProjectRoot {
    private ProjectRoot() {}

    /// Finds the highest folder with a `pom.xml` above where the tests run.
    ///
    /// @return the folder
    public static Path find() {
        Path root = Path.of("").toAbsolutePath();
        for (Path folder = root; folder != null; folder = folder.getParent()) {
            if (Files.exists(folder.resolve("pom.xml"))) {
                root = folder;
            }
        }
        return root;
    }

    /// Finds all Java sources of the project, but none that were generated.
    ///
    /// @return the files, in an order of their own
    /// @throws IOException if a folder cannot be read
    public static List<Path> javaSources() throws IOException {
        Finder finder = new Finder();
        Files.walkFileTree(find(), finder);
        return finder.found;
    }

    private static final class Finder extends SimpleFileVisitor<Path> {
        private static final Set<String> SKIPPED = Set.of("target", ".git", "node_modules");

        private final List<Path> found = new ArrayList<>();

        @Override
        public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            return SKIPPED.contains(folder.getFileName().toString())
                    ? FileVisitResult.SKIP_SUBTREE
                    : FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (file.toString().endsWith(".java")) {
                found.add(file);
            }
            return FileVisitResult.CONTINUE;
        }
    }
}

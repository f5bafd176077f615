package tofu.tests.rigs;

import java.nio.file.Files;
import java.nio.file.Path;

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
}

package tofu.tests.guide;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tofu.tests.rigs.ProjectRoot;

/// What a snippet's mark names: a region of a source, or the whole of it.
final class Region {
    private static final Path GUIDE =
            ProjectRoot.find().resolve("tofu-tests/src/test/java/tofu/tests/guide");

    private Region() {}

    /// Reads a region, without its indentation and without the marks of others within.
    ///
    /// @param source `Type#region` for a type of this package; or a path from the root, with or
    ///     without a region
    static String text(String source) throws IOException {
        int hash = source.indexOf('#');
        String file = hash < 0 ? source : source.substring(0, hash);
        Path path =
                file.contains("/")
                        ? ProjectRoot.find().resolve(file)
                        : GUIDE.resolve(file + ".java");
        List<String> lines = Files.readAllLines(path);
        return hash < 0 ? joined(lines) : joined(region(lines, source.substring(hash + 1)));
    }

    /// The names of a source's regions.
    static List<String> names(Path path) throws IOException {
        List<String> names = new ArrayList<>();
        for (String line : Files.readAllLines(path)) {
            if (isStart(line)) {
                names.add(line.substring(line.indexOf('"') + 1, line.lastIndexOf('"')));
            }
        }
        return names;
    }

    static Path guide() {
        return GUIDE;
    }

    private static List<String> region(List<String> lines, String name) throws IOException {
        List<String> region = new ArrayList<>();
        int depth = 0;
        for (String line : lines) {
            if (depth > 0 && isEnd(line) && --depth == 0) {
                return region;
            }
            if (isStart(line) && (depth > 0 || line.strip().endsWith("\"" + name + "\""))) {
                depth++;
            } else if (depth > 0 && !isEnd(line)) {
                region.add(line);
            }
        }
        throw new IOException("no region " + name + ", or it has no end");
    }

    private static boolean isStart(String line) {
        return line.strip().startsWith("// @start region=\"");
    }

    private static boolean isEnd(String line) {
        return line.strip().equals("// @end");
    }

    private static String joined(List<String> lines) {
        // A blank last line would count as one without indentation.
        return String.join("\n", lines).stripTrailing().stripIndent().strip() + "\n";
    }
}

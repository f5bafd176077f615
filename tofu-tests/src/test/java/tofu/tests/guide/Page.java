package tofu.tests.guide;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tofu.tests.rigs.ProjectRoot;

/// A page of Markdown, as far as the tests look at it.
///
/// @param path the file
/// @param blocks its fenced blocks
/// @param prose its lines outside of blocks, without inline code, with their numbers
/// @param code its pieces of inline code, with the numbers of their lines
/// @param anchors what a link may point at, by the rules of GitHub
record Page(Path path, List<Block> blocks, List<Line> prose, List<Line> code, Set<String> anchors) {
    private static final Path ROOT = ProjectRoot.find();
    private static final Pattern FENCE = Pattern.compile("^```+\\s*([\\w-]*).*$");
    private static final Pattern HEADING = Pattern.compile("^#{1,6}\\s+(.*?)\\s*#*$");
    private static final Pattern MARK = Pattern.compile("^<!-- (\\w+): (\\S+) -->$");
    private static final Pattern INLINE_CODE = Pattern.compile("`([^`]*)`");

    /// A fenced block.
    ///
    /// @param place page and line
    /// @param language after the fence, in lower case
    /// @param kind of the comment before the block: `snippet`, `program`, or empty
    /// @param source what that comment names
    /// @param text without the fences, ends with a line end
    record Block(String place, String language, String kind, String source, String text) {}

    /// A line, or a part of it, with its number, from 1.
    record Line(int number, String text) {}

    /// All pages of the repository that people read.
    static List<Page> all() {
        List<Page> pages = new ArrayList<>();
        for (String name : List.of("README.md", "CHANGELOG.md", "SECURITY.md")) {
            pages.add(read(ROOT.resolve(name)));
        }
        pages.addAll(in("docs"));
        return pages;
    }

    /// The README, and the guide.
    static List<Page> withSnippets() {
        List<Page> pages = new ArrayList<>();
        pages.add(read(ROOT.resolve("README.md")));
        pages.addAll(in("docs/guide"));
        return pages;
    }

    static Page of(String path) {
        return read(ROOT.resolve(path));
    }

    private static List<Page> in(String folder) {
        try (Stream<Path> files = Files.walk(ROOT.resolve(folder))) {
            return files.filter(file -> file.toString().endsWith(".md"))
                    .filter(file -> !file.toString().contains("node_modules"))
                    .sorted()
                    .map(Page::read)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Page read(Path path) {
        List<String> lines;
        try {
            lines = Files.readAllLines(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Page page =
                new Page(
                        path,
                        new ArrayList<>(),
                        new ArrayList<>(),
                        new ArrayList<>(),
                        new HashSet<>());
        Map<String, Integer> headings = new HashMap<>();
        String before = "";
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            Matcher fence = FENCE.matcher(line);
            if (fence.matches()) {
                int end = i + 1;
                while (!lines.get(end).equals("```")) {
                    end++;
                }
                page.addBlock(i, before, fence.group(1), lines.subList(i + 1, end));
                i = end;
            } else {
                page.addProse(i + 1, line, headings);
            }
            before = line;
        }
        return page;
    }

    private void addBlock(int index, String before, String language, List<String> lines) {
        Matcher mark = MARK.matcher(before);
        boolean marked = mark.matches();
        blocks.add(
                new Block(
                        this + ":" + (index + 1),
                        language.toLowerCase(Locale.ROOT),
                        marked ? mark.group(1) : "",
                        marked ? mark.group(2) : "",
                        String.join("\n", lines) + "\n"));
    }

    private void addProse(int number, String line, Map<String, Integer> headings) {
        Matcher heading = HEADING.matcher(line);
        if (heading.matches()) {
            String anchor = anchor(heading.group(1));
            int before = headings.merge(anchor, 1, Integer::sum) - 1;
            anchors.add(before == 0 ? anchor : anchor + "-" + before);
        }
        Matcher inline = INLINE_CODE.matcher(line);
        while (inline.find()) {
            code.add(new Line(number, inline.group(1)));
        }
        prose.add(new Line(number, inline.replaceAll("`")));
    }

    /// What GitHub makes of a heading.
    static String anchor(String heading) {
        return heading.replaceAll("\\[([^\\]]*)\\]\\([^)]*\\)", "$1")
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^\\p{L}\\p{N} _-]", "")
                .replace(' ', '-');
    }

    @Override
    public String toString() {
        return ROOT.relativize(path).toString();
    }
}

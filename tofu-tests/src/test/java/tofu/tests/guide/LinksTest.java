package tofu.tests.guide;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// No link of a page leads nowhere: neither to a file that is not there, nor to a heading that is
/// not in it.
class LinksTest {
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern ELSEWHERE = Pattern.compile("^[a-z]+:.*");

    private static final Map<Path, Page> PAGES =
            Page.all().stream().collect(Collectors.toMap(Page::path, Function.identity()));

    static Stream<Page> pages() {
        return Page.all().stream();
    }

    @ParameterizedTest
    @MethodSource("pages")
    void noLinkIsDead(Page page) {
        List<String> dead = new ArrayList<>();
        for (Page.Line line : page.prose()) {
            Matcher link = LINK.matcher(line.text());
            while (link.find()) {
                if (!leadsSomewhere(page, link.group(1))) {
                    dead.add(page + ":" + line.number() + " " + link.group(1));
                }
            }
        }
        assertThat(dead).isEmpty();
    }

    private static boolean leadsSomewhere(Page from, String link) {
        if (ELSEWHERE.matcher(link).matches()) {
            return true;
        }
        int hash = link.indexOf('#');
        String file = hash < 0 ? link : link.substring(0, hash);
        Path target = file.isEmpty() ? from.path() : from.path().resolveSibling(file).normalize();
        if (hash < 0) {
            return !file.startsWith("/") && Files.exists(target);
        }
        Page page = PAGES.get(target);
        return page != null && page.anchors().contains(link.substring(hash + 1));
    }

    @Test
    void theMapOfTheGuideHasEveryPage() {
        Page map = Page.of("docs/guide/index.md");
        TreeSet<String> linked = new TreeSet<>();
        for (Page.Line line : map.prose()) {
            Matcher link = LINK.matcher(line.text());
            while (link.find()) {
                linked.add(link.group(1));
            }
        }
        for (Page page : Page.withSnippets()) {
            String name = page.path().getFileName().toString();
            if (!page.path().equals(map.path())) {
                assertThat(linked).contains(name.equals("README.md") ? "../../README.md" : name);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "5. Bad input and hard times, 5-bad-input-and-hard-times",
        "`SEND_QUEUE_FULL` and `SEND_QUEUE_READY`, send_queue_full-and-send_queue_ready",
        "Figures: scale and time, figures-scale-and-time",
        "ZeroMQ / NNG, zeromq--nng",
        "'See [the wire](wire.md), first', see-the-wire-first"
    })
    void anchorsAreThoseOfGitHub(String heading, String anchor) {
        assertThat(Page.anchor(heading)).isEqualTo(anchor);
    }
}

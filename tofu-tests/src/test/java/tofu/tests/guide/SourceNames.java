package tofu.tests.guide;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import tofu.tests.rigs.ParsedSource;
import tofu.tests.rigs.ProjectRoot;

/// The names that the project's sources have: of packages, types, and members.
///
/// A type of the product hides those of the same name in tests and benchmarks. Types of one name
/// that are nested in several others count as one.
final class SourceNames {
    private static final Pattern PRODUCT = Pattern.compile("tofu-(api|pool|engine)/src/main/.*");
    private static final Pattern PACKAGE = Pattern.compile("tofu(\\.[a-z]+)+");
    private static final Pattern NAME = Pattern.compile("[A-Za-z]\\w*(\\.[A-Za-z]\\w*)*");
    private static final Pattern CALL = Pattern.compile("\\(.*\\)$");
    private static final Pattern TYPE = Pattern.compile("[A-Z]\\w*[a-z]\\w*");

    /// By simple name of the type.
    private final Map<String, Set<String>> members = new HashMap<>();

    private final Set<String> membersOfAny = new HashSet<>();
    private final Set<String> packages = new HashSet<>();

    private SourceNames() {}

    static SourceNames read() throws IOException {
        SourceNames product = new SourceNames();
        SourceNames others = new SourceNames();
        for (ParsedSource source : ParsedSource.parse(ProjectRoot.javaSources())) {
            String file = slashed(ProjectRoot.find().relativize(source.path()));
            (PRODUCT.matcher(file).matches() ? product : others).add(file, source.types());
        }
        others.members.forEach(product.members::putIfAbsent);
        product.membersOfAny.addAll(others.membersOfAny);
        product.packages.addAll(others.packages);
        return product;
    }

    private static String slashed(Path path) {
        return path.toString().replace('\\', '/');
    }

    private void add(String file, List<ParsedSource.Type> types) {
        String folder = file.substring(0, Math.max(file.lastIndexOf('/'), 0));
        packages.add(folder.replaceFirst("^.*/java/", "").replace('/', '.'));
        for (ParsedSource.Type type : types) {
            members.computeIfAbsent(type.name(), name -> new HashSet<>()).addAll(type.members());
            membersOfAny.addAll(type.members());
        }
    }

    /// Whether a piece of code names something that is not there: `tofu.package`, `Type`,
    /// `Type.Nested.member`, `member` of any type, or `object.member`; with or without arguments.
    /// Whatever else it is, it names nothing.
    boolean lacks(String code) {
        String name = CALL.matcher(code).replaceFirst("");
        if (PACKAGE.matcher(name).matches()) {
            return !packages.contains(name);
        }
        if (!NAME.matcher(name).matches()) {
            return false;
        }
        List<String> parts = List.of(name.split("\\."));
        return TYPE.matcher(parts.getFirst()).matches()
                ? lacksMember(parts)
                : !membersOfAny.contains(parts.getLast());
    }

    private boolean lacksMember(List<String> path) {
        Set<String> known = members.get(path.getFirst());
        for (String part : path.subList(1, path.size())) {
            if (known == null || !known.contains(part)) {
                return true;
            }
            known = members.getOrDefault(part, Set.of());
        }
        return known == null;
    }
}

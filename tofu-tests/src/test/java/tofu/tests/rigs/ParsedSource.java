package tofu.tests.rigs;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.LineMap;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/// The types and methods of a source file, as the compiler's parser sees them.
///
/// @param path the file
/// @param types its types, nested and local ones included
/// @param methods its methods, those of local types included
public record ParsedSource(Path path, List<Type> types, List<Method> methods) {
    /// A type.
    ///
    /// @param name its simple name, empty for an anonymous one
    /// @param members names of its methods, fields, constants, components and nested types
    public record Type(String name, Set<String> members) {}

    /// A method.
    ///
    /// @param name its name
    /// @param line the line that it begins on, from 1
    /// @param lineCount how many lines it has, annotations and closing brace included
    public record Method(String name, long line, long lineCount) {}

    /// Parses files.
    ///
    /// @param files Java sources
    /// @return what is in them, in the same order
    /// @throws IOException if one cannot be read
    public static List<ParsedSource> parse(Collection<Path> files) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        List<ParsedSource> parsed = new ArrayList<>();
        try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
            JavacTask task =
                    (JavacTask)
                            compiler.getTask(
                                    null,
                                    manager,
                                    null,
                                    List.of("-proc:none"),
                                    null,
                                    manager.getJavaFileObjectsFromPaths(files));
            SourcePositions positions = Trees.instance(task).getSourcePositions();
            for (CompilationUnitTree unit : task.parse()) {
                parsed.add(scan(unit, positions));
            }
        }
        return parsed;
    }

    private static ParsedSource scan(CompilationUnitTree unit, SourcePositions positions) {
        Path path = Path.of(unit.getSourceFile().toUri());
        ParsedSource source = new ParsedSource(path, new ArrayList<>(), new ArrayList<>());
        new Scanner(source, unit, positions).scan(unit, null);
        return source;
    }

    private static final class Scanner extends TreeScanner<Void, Void> {
        private final ParsedSource source;
        private final CompilationUnitTree unit;
        private final SourcePositions positions;

        Scanner(ParsedSource source, CompilationUnitTree unit, SourcePositions positions) {
            this.source = source;
            this.unit = unit;
            this.positions = positions;
        }

        @Override
        public Void visitClass(ClassTree type, Void nothing) {
            Set<String> members = new LinkedHashSet<>();
            for (Tree member : type.getMembers()) {
                switch (member) {
                    case MethodTree method -> members.add(method.getName().toString());
                    case VariableTree field -> members.add(field.getName().toString());
                    case ClassTree nested -> members.add(nested.getSimpleName().toString());
                    default -> {} // an initializer
                }
            }
            source.types.add(new Type(type.getSimpleName().toString(), members));
            return super.visitClass(type, null);
        }

        @Override
        public Void visitMethod(MethodTree method, Void nothing) {
            long first = line(method, true);
            long count = line(method, false) - first + 1;
            source.methods.add(new Method(method.getName().toString(), first, count));
            return super.visitMethod(method, null);
        }

        private long line(Tree tree, boolean start) {
            LineMap lines = unit.getLineMap();
            return lines.getLineNumber(
                    start
                            ? positions.getStartPosition(unit, tree)
                            : positions.getEndPosition(unit, tree));
        }
    }
}

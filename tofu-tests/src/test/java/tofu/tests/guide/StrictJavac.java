package tofu.tests.guide;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tofu.tests.rigs.ChildProcess;
import tofu.tests.rigs.Compilers;

/// The compiler as a strict user has it: every lint, Error Prone, and NullAway in its JSpecify
/// mode, whose findings are errors.
final class StrictJavac {
    /// What Error Prone reaches into.
    private static final List<String> EXPORTED =
            List.of("api", "file", "main", "model", "parser", "processing", "tree", "util");

    private static final List<String> OPENED = List.of("code", "comp");

    private StrictJavac() {}

    /// Compiles sources.
    ///
    /// @param classes where what comes of it goes
    /// @return what the compiler has said: nothing if all is well
    static String compile(List<Path> sources, Path classes) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "javac").toString());
        EXPORTED.forEach(name -> command.add("-J--add-exports=" + inJavac(name)));
        OPENED.forEach(name -> command.add("-J--add-opens=" + inJavac(name)));
        command.addAll(List.of("-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC"));
        command.addAll(List.of("-d", classes.toString(), "-proc:none", "-Werror"));
        // What is on the path is no affair of whoever compiles against it.
        command.add("-Xlint:all,-path,-classfile,-processing");
        command.addAll(List.of("-XDcompilePolicy=simple", "--should-stop=ifError=FLOW"));
        command.addAll(List.of("-classpath", ChildProcess.testPath()));
        command.addAll(List.of("-processorpath", Compilers.path()));
        command.add(
                "-Xplugin:ErrorProne -XepDisableAllWarnings"
                        + " -Xep:NullAway:ERROR -XepOpt:NullAway:OnlyNullMarked=true"
                        + " -XepOpt:NullAway:JSpecifyMode=true"
                        + " -XepOpt:NullAway:HandleTestAssertionLibraries=true");
        sources.stream().map(Path::toString).forEach(command::add);
        return ChildProcess.run(":", command);
    }

    private static String inJavac(String name) {
        return "jdk.compiler/com.sun.tools.javac." + name + "=ALL-UNNAMED";
    }
}

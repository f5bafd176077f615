import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/// Makes the image of `tofuctl`: a folder that runs where no JDK is.
///
/// ```
/// bin/tofuctl       starts it
/// bin, lib, …       the parts of the JDK that it needs, by jlink
/// app/*.jar         the program and its libraries: one of them is no module, so all of them are on
///                   the class path
/// app/tofuctl.aot   what a JVM has learnt from a run: classes that are loaded and linked
/// ```
///
/// Run by the build from its source, with the JDK whose parts the image gets. Arguments: the folder
/// of the jars, and that of the image, which is made anew.
final class Image {
    /// Libraries look for more, such as `java.sql`, and do without.
    private static final String MODULES = "java.base,java.management.rmi,jdk.attach"; // for top

    private static final String SCRIPT =
            """
            #!/bin/sh
            # Starts tofuctl. Without its archive it would start, too, only later.
            home=$0
            while [ -h "$home" ]; do
                link=$(readlink "$home")
                case $link in
                    /*) home=$link ;;
                    *) home=$(dirname "$home")/$link ;;
                esac
            done
            home=$(cd "$(dirname "$home")/.." && pwd -P) || exit 70
            case ${1-} in
                echo | bench | proxy | top) short= ;;
                *) short=-XX:TieredStopAtLevel=1 ;; # over before the second compiler is of use
            esac
            if [ -t 1 ]; then shown=-Dtofu.cli.shown=true; else shown=; fi
            exec "$home/bin/java" %s $short $shown -XX:AOTCache="$home/app/tofuctl.aot" \\
                -cp "%s" tofu.cli.Main "$@"
            """;

    /// A collector that starts fast, and nothing on the terminal but what the command prints.
    private static final String FLAGS = "-XX:+UseSerialGC -Xlog:disable -Xlog:all=off";

    private static final long PATIENCE_SECONDS = 60;

    private final Path image;

    private Image(Path image) {
        this.image = image;
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        Image image = new Image(Path.of(args[1]).toAbsolutePath());
        image.remove();
        image.link();
        List<String> jars = image.copy(Path.of(args[0]));
        image.script(jars);
        image.train(jars);
    }

    private void remove() throws IOException {
        if (Files.exists(image)) {
            try (Stream<Path> files = Files.walk(image)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private void link() {
        ToolProvider jlink = ToolProvider.findFirst("jlink").orElseThrow();
        int code =
                jlink.run(
                        System.out,
                        System.err,
                        "--add-modules",
                        MODULES,
                        "--no-header-files",
                        "--no-man-pages",
                        "--output",
                        image.toString());
        if (code != 0) {
            throw new IllegalStateException("jlink ended with " + code);
        }
    }

    /// Copies the jars, and says in which order they are on the class path.
    private List<String> copy(Path jars) throws IOException {
        Path app = Files.createDirectory(image.resolve("app"));
        List<String> names = new ArrayList<>();
        try (Stream<Path> files = Files.list(jars)) {
            for (Path jar : files.sorted().toList()) {
                Files.copy(jar, app.resolve(jar.getFileName()));
                names.add(jar.getFileName().toString());
            }
        }
        return names;
    }

    private static String classPath(String home, List<String> jars) {
        return String.join(":", jars.stream().map(jar -> home + "/app/" + jar).toList());
    }

    private void script(List<String> jars) throws IOException {
        Path script = image.resolve("bin/tofuctl");
        Files.writeString(script, SCRIPT.formatted(FLAGS, classPath("$home", jars)));
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /// Runs the program once, and keeps what the JVM has learnt.
    private void train(List<String> jars) throws IOException, InterruptedException {
        Path archive = image.resolve("app/tofuctl.aot");
        Path folder = Files.createTempDirectory("tofuctl");
        Path said = folder.resolve("said");
        String address = "uds|" + folder.resolve("s");
        List<String> echo = List.of(image.resolve("bin/tofuctl").toString(), "echo", address);
        Process server =
                new ProcessBuilder(echo).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        try {
            String first = server.inputReader().readLine();
            if (first == null || !first.startsWith("listening on ")) {
                throw new IllegalStateException("the image's echo does not listen: " + first);
            }
            List<String> command = new ArrayList<>();
            command.add(image.resolve("bin/java").toString());
            command.addAll(List.of(FLAGS.split(" ")));
            command.add("-XX:AOTCacheOutput=" + archive);
            command.addAll(List.of("-cp", classPath(image.toString(), jars), "tofu.cli.Main"));
            command.addAll(List.of("ping", "-c", "3", "-i", "10ms", address));
            Process training =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(said.toFile())
                            .start();
            if (!training.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)
                    || training.exitValue() != 0
                    || !Files.exists(archive)) {
                throw new IllegalStateException("no archive: " + Files.readString(said));
            }
        } finally {
            server.destroy();
            server.waitFor();
            Files.deleteIfExists(said);
            Files.delete(folder);
        }
    }
}

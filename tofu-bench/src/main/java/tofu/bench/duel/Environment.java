package tofu.bench.duel;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// What was measured on, and which versions.
final class Environment {
    private Environment() {}

    /// Names and values, in the order in which they are to be read.
    static Map<String, String> facts() {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("processor", processor());
        facts.put("processors", Integer.toString(Runtime.getRuntime().availableProcessors()));
        facts.put("system", systemName());
        facts.put("TCP congestion control", setting("ipv4/tcp_congestion_control"));
        facts.put("send buffer of a Unix domain socket", setting("core/wmem_default") + " bytes");
        facts.put(
                "Java",
                System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
        Properties versions = versions();
        versions.stringPropertyNames().stream()
                .sorted()
                .forEach(name -> facts.put(name, versions.getProperty(name)));
        facts.put("libzmq", firstLine("pkg-config", "--modversion", "libzmq"));
        facts.put("nng", packageVersion("libnng-dev"));
        facts.put("C compiler", firstLine("gcc", "--version"));
        return facts;
    }

    /// The system, and the first two numbers of its version: the rest is of one build.
    private static String systemName() {
        String version = System.getProperty("os.version").replaceFirst("^(\\d+\\.\\d+).*", "$1");
        return System.getProperty("os.name") + " " + version;
    }

    /// A setting of the network. Such a file gives all of a number at the first read or never, and
    /// `Files.readString` begins with one byte.
    private static String setting(String name) {
        try {
            return Files.readAllLines(Path.of("/proc/sys/net", name)).getFirst();
        } catch (IOException e) {
            return "unknown: " + e;
        }
    }

    private static String processor() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(System.getProperty("os.arch"));
        } catch (IOException e) {
            return System.getProperty("os.arch");
        }
    }

    private static Properties versions() {
        Properties versions = new Properties();
        try (InputStream resource =
                Environment.class.getResourceAsStream("/duel/versions.properties")) {
            if (resource != null) {
                versions.load(resource);
            }
            return versions;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String packageVersion(String name) {
        return firstLine("dpkg-query", "-W", "-f", "${Version}", name);
    }

    /// The first line that a command prints; a question mark if it does not work here.
    private static String firstLine(String... command) {
        try {
            Process process = new ProcessBuilder(List.of(command)).start();
            String text =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            boolean good = process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
            return good && !text.isBlank() ? text.lines().findFirst().orElse("?") : "?";
        } catch (IOException e) {
            return "?"; // no such command here
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "?";
        }
    }
}

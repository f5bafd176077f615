package tofu.recipes;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.stream.Stream;
import tofu.api.Options;
import tofu.api.PemFiles;
import tofu.api.TlsSettings;
import tofu.api.TlsSettings.ClientAuthentication;
import tofu.fixtures.TestCertificates;
import tofu.recipes.first.Failure;

/// Keys to try TLS with, for `tls|host|port` addresses of this machine: programs that are given
/// `--tls FOLDER` have their files there, and whoever finds none makes them. Both sides show who
/// they are.
///
/// @param options of the program's engine
/// @param rest the other arguments
record TlsFolder(Options options, List<String> rest) {
    private static final String FLAG = "--tls";

    /// Looks at a program's arguments.
    ///
    /// @param args `--tls FOLDER` first, or not at all
    static TlsFolder of(String... args) {
        List<String> all = List.of(args);
        return all.size() >= 2 && all.getFirst().equals(FLAG)
                ? new TlsFolder(options(Path.of(all.get(1))), all.subList(2, all.size()))
                : new TlsFolder(Options.defaults(), all);
    }

    /// The other arguments.
    String[] array() {
        return rest.toArray(String[]::new);
    }

    private static Options options(Path folder) {
        try {
            Path authorities = folder.resolve("authorities.crt");
            if (!Files.exists(authorities)) {
                make(folder);
            }
            PemFiles files =
                    PemFiles.of(
                            folder.resolve("server.key"),
                            folder.resolve("server.crt"),
                            authorities);
            return Options.builder()
                    .tls(
                            TlsSettings.builder(files)
                                    .clientAuthentication(ClientAuthentication.NEEDED)
                                    .build())
                    .build();
        } catch (IllegalArgumentException e) {
            throw new Failure("no keys in " + folder + ": " + e.getMessage(), e);
        }
    }

    /// Makes keys in a new folder.
    ///
    /// @return the folder, to be deleted by the caller
    static Path temporary() {
        try {
            Path folder = Files.createTempDirectory("tofu-tls");
            make(folder);
            return folder;
        } catch (IOException e) {
            throw new Failure("no folder for keys: " + e.getMessage(), e);
        }
    }

    /// Deletes such a folder.
    static void delete(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
            Files.delete(folder);
        } catch (IOException e) {
            throw new Failure("the keys of this demo are still there: " + e.getMessage(), e);
        }
    }

    private static void make(Path folder) {
        try {
            Files.createDirectories(folder);
            new TestCertificates(folder);
        } catch (IOException | GeneralSecurityException e) {
            throw new Failure("no keys can be made in " + folder + ": " + e.getMessage(), e);
        }
    }

    /// What a child process is given to use the same keys.
    static String[] arguments(Path folder, String... rest) {
        String[] all = new String[rest.length + 2];
        all[0] = FLAG;
        all[1] = folder.toString();
        System.arraycopy(rest, 0, all, 2, rest.length);
        return all;
    }
}
